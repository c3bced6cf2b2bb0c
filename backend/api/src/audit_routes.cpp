#include <charconv>

#include "audit_sight.hpp"
#include "httvps/backend/schemas/audit_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "paging.hpp"
#include "routes.hpp"
#include "typed_route.hpp"

namespace httvps::backend::api {
namespace {

using schemas::audit_line_view;
using schemas::audit_page;
using filter_text = schemas::text<schemas::length_range{1, 128}, schemas::printable_line>;

struct audit_query {
  static constexpr std::string_view schema_name = "AuditQuery";

  std::optional<filter_text> actor;
  std::optional<filter_text> action;
  std::optional<filter_text> object;
  std::optional<schemas::moment> since;
  std::optional<schemas::moment> until;
  std::optional<page_size> page_size;
  std::optional<schemas::page_token> page_token;
};
BOOST_DESCRIBE_STRUCT(audit_query, (), (actor, action, object, since, until, page_size, page_token))

struct export_query {
  static constexpr std::string_view schema_name = "AuditExportQuery";

  std::optional<schemas::whole<schemas::number_range{0, schemas::largest_number}>> after;
  std::optional<schemas::whole<schemas::number_range{1, 5000}>> lines;
};
BOOST_DESCRIBE_STRUCT(export_query, (), (after, lines))

audit_line_view view_of(const models::audit_line& line) {
  return {.seq = line.seq,
          .id = line.id,
          .at = line.at,
          .at_us = services::audit_microseconds(line.at),
          .actor = line.actor,
          .actor_name = line.actor_name,
          .token = line.token,
          .address = line.address,
          .request_id = line.request_id,
          .action = line.action,
          .object = line.object,
          .detail = line.detail,
          .before = {line.before},
          .after = {line.after},
          .previous_hash = line.previous_hash,
          .hash = line.hash};
}

std::string text_of(const std::optional<filter_text>& field) {
  return field ? field->value : std::string();
}

answer<std::optional<std::int64_t>> seq_of(const std::string& after) {
  if (after.empty()) {
    return std::optional<std::int64_t>();
  }
  std::int64_t seq = 0;
  const auto* end = after.data() + after.size();
  const auto read = std::from_chars(after.data(), end, seq);
  if (read.ec != std::errc() || read.ptr != end) {
    return std::unexpected(problem(services::errc::page_token_invalid));
  }
  return std::optional(seq);
}

answer<models::audit_filter> filter_of(const audit_query& query) {
  HTTVPS_TRY(const auto wanted, to_page_request(query.page_size, query.page_token));
  models::audit_filter filter{.actor = text_of(query.actor),
                              .action = text_of(query.action),
                              .object = text_of(query.object)};
  HTTVPS_TRY(filter.below, seq_of(wanted.after));
  filter.size = wanted.size;
  if (query.since) {
    filter.since = query.since->value;
  }
  if (query.until) {
    filter.until = query.until->value;
  }
  return filter;
}

answer<plain_body> export_lines(const service_set& services, const call& made) {
  const auto query = read_query<export_query>(made.query);
  if (!query) {
    return std::unexpected(query.error());
  }
  models::audit_span span;
  span.after = query->after ? query->after->value : 0;
  span.size = query->lines ? query->lines->as<std::uint32_t>() : span.size;
  HTTVPS_TRY(const auto found, services.audit.following(span));
  plain_body body{.content_type = "application/jsonl", .text = {}};
  for (const auto& line : found) {
    body.text.append(schemas::write_document(view_of(line))).append("\n");
  }
  return body;
}

}

void add_audit_routes(route_table& table, const service_set& services) {
  table.add(with_query<audit_query, audit_page>(
      {.method = "GET",
       .pattern = "/api/v1/admin/audit",
       .operation = "listAudit",
       .summary =
           "What administrators changed, newest first; the role support sees its own lines and "
           "those about what it may change.",
       .wanted = access::read_only},
      [services, &table](call& made, const audit_query& query) -> answer<audit_page> {
        HTTVPS_TRY(auto filter, filter_of(query));
        filter.sight = sight_of(*made.admin, table);
        HTTVPS_TRY(const auto found, services.audit.newest(filter));
        return to_page<audit_page>(found, view_of);
      }));
  route lines{
      .method = "GET",
      .pattern = "/api/v1/admin/audit:export",
      .operation = "exportAudit",
      .summary = "Lines of the audit log after a sequence number, oldest first, as JSON lines.",
      .wanted = access::admin};
  lines.query_schema = schema_of<export_query>();
  lines.answer_type = "application/jsonl";
  lines.handle = [services](call& made) { return export_lines(services, made); };
  table.add(std::move(lines));
}

}
