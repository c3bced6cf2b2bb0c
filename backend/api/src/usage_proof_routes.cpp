#include <algorithm>

#include "httvps/backend/models/enum_text.hpp"
#include "httvps/backend/schemas/proof_documents.hpp"
#include "httvps/backend/services/usage_proof.hpp"
#include "routes.hpp"
#include "typed_route.hpp"
#include "views.hpp"

namespace httvps::backend::api {
namespace {

struct usage_proof_query {
  static constexpr std::string_view schema_name = "UsageProofQuery";

  std::optional<schemas::day_text> day;
};
BOOST_DESCRIBE_STRUCT(usage_proof_query, (), (day))

schemas::book_view view_of(const services::proven_day& proven, services::usage_book book) {
  const auto found = std::ranges::find(proven.books, book, &services::book_total::book);
  if (found == proven.books.end() || !found->is_held) {
    return {.state = "pruned", .rows = 0, .up = 0, .down = 0};
  }
  return {.state = "held", .rows = found->rows, .up = found->sum.up, .down = found->sum.down};
}

schemas::book_difference_view view_of(const services::book_difference& found) {
  return {.node_id = found.node,
          .book = models::enum_text(found.book),
          .other_book = models::enum_text(found.other),
          .in_book = total_of(found.in_book),
          .in_other_book = total_of(found.in_other)};
}

schemas::epoch_gap_view view_of(const services::epoch_gap& gap) {
  return {.gateway_id = gap.epoch.gateway,
          .epoch = gap.epoch.epoch,
          .acked_through = gap.acked_through,
          .highest = gap.highest,
          .missing = gap.missing};
}

schemas::usage_proof_answer view_of(const services::proven_day& proven) {
  schemas::usage_proof_answer told{.day = proven.day,
                                   .agree = proven.agrees(),
                                   .is_complete = proven.is_complete(),
                                   .journal = view_of(proven, services::usage_book::journal),
                                   .hours = view_of(proven, services::usage_book::hours),
                                   .days = view_of(proven, services::usage_book::days),
                                   .uncounted_batches = proven.unfinished.uncounted_batches,
                                   .uncounted_rows = proven.unfinished.uncounted_rows,
                                   .waiting_batches = proven.unfinished.waiting_batches,
                                   .waiting_rows = proven.unfinished.waiting_rows,
                                   .waiting = total_of(proven.unfinished.waiting),
                                   .differences_found = proven.differences.size(),
                                   .differences = {},
                                   .gaps = {}};
  const auto shown = std::min(proven.differences.size(), schemas::most_differences_shown);
  for (std::size_t i = 0; i < shown; ++i) {
    told.differences.items.push_back(view_of(proven.differences[i]));
  }
  for (const auto& gap : proven.gaps) {
    told.gaps.items.push_back(view_of(gap));
  }
  return told;
}

}

void add_usage_proof_routes(route_table& table, const service_set& services) {
  table.add(with_query<usage_proof_query, schemas::usage_proof_answer>(
      {.method = "GET",
       .pattern = "/api/v1/admin/usage/verify",
       .operation = "verifyUsage",
       .summary = "Whether journal, hours and days of one UTC day add up to the same bytes.",
       .wanted = access::read_only},
      [services](call&, const usage_proof_query& query) -> answer<schemas::usage_proof_answer> {
        const auto day = query.day ? schemas::read_day(query.day->value) : std::nullopt;
        HTTVPS_TRY(const auto proven, services.usage_proof.on(day));
        return view_of(proven);
      }));
}

}
