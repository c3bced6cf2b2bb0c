#include "snapshot_documents.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>

#include "httvps/backend/services/issued_secret.hpp"
#include "httvps/backend/storage/errc.hpp"

namespace httvps::backend::storage {
namespace {

namespace json = boost::json;

constexpr std::int64_t format_version = 1;
constexpr std::size_t most_tables = 1024;

std::string text_at(const json::object& object, std::string_view name) {
  const auto* found = object.if_contains(name);
  return found != nullptr && found->is_string() ? json::value_to<std::string>(*found)
                                                : std::string();
}

std::int64_t number_at(const json::object& object, std::string_view name) {
  const auto* found = object.if_contains(name);
  const auto* number = found != nullptr ? found->if_int64() : nullptr;
  return number != nullptr ? *number : -1;
}

base::result<json::object> parse_object(std::string_view text) {
  boost::system::error_code failure;
  auto value = json::parse(text, failure);
  if (failure || !value.is_object()) {
    return base::fail(errc::snapshot_invalid);
  }
  return std::move(value.get_object());
}

json::array list_of(const std::vector<snapshot_table>& tables) {
  json::array list;
  for (const auto& table : tables) {
    list.push_back(
        json::object{{"name", table.name}, {"rows", table.rows}, {"sha256", table.digest}});
  }
  return list;
}

base::result<snapshot_table> table_in(const json::value& value) {
  const auto* object = value.if_object();
  if (object == nullptr) {
    return base::fail(errc::snapshot_invalid);
  }
  const auto rows = number_at(*object, "rows");
  snapshot_table table{.name = text_at(*object, "name"),
                       .rows = static_cast<std::uint64_t>(rows),
                       .digest = text_at(*object, "sha256")};
  if (rows < 0 || table.name.empty() || table.digest.empty()) {
    return base::fail(errc::snapshot_invalid);
  }
  return table;
}

}

std::uint64_t snapshot_manifest::rows() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& table : tables) {
    sum += table.rows;
  }
  return sum;
}

std::string to_text(const snapshot_head& head) {
  return json::serialize(json::object{{"format", format_version},
                                      {"program", head.program},
                                      {"schema", head.schema},
                                      {"migrations", head.migrations},
                                      {"made_at", head.made_at}});
}

base::result<snapshot_head> parse_head(std::string_view text) {
  HTTVPS_TRY(const auto object, parse_object(text));
  const auto format = number_at(object, "format");
  const auto schema = number_at(object, "schema");
  if (format > format_version) {
    return base::fail(errc::snapshot_newer);
  }
  if (format != format_version || schema < 0) {
    return base::fail(errc::snapshot_invalid);
  }
  return snapshot_head{.program = text_at(object, "program"),
                       .schema = static_cast<std::uint32_t>(schema),
                       .migrations = text_at(object, "migrations"),
                       .made_at = number_at(object, "made_at")};
}

std::string to_text(const std::vector<snapshot_table>& tables) {
  return json::serialize(json::object{{"tables", list_of(tables)}});
}

std::string to_text(const snapshot_manifest& manifest) {
  json::object document{{"tables", list_of(manifest.tables)}};
  if (manifest.proof) {
    document["signed_by"] = manifest.proof->key;
    document["signature"] = manifest.proof->signature;
  }
  return json::serialize(document);
}

std::string snapshot_manifest::signed_text() const {
  return to_text(head).append("\n").append(to_text(tables));
}

base::result<std::optional<snapshot_proof>> parse_proof(std::string_view text) {
  HTTVPS_TRY(const auto object, parse_object(text));
  if (!object.contains("signed_by") && !object.contains("signature")) {
    return std::optional<snapshot_proof>();
  }
  return std::optional(snapshot_proof{.key = text_at(object, "signed_by"),
                                      .signature = text_at(object, "signature")});
}

base::result<std::vector<snapshot_table>> parse_tables(std::string_view text) {
  HTTVPS_TRY(const auto object, parse_object(text));
  const auto* list = object.if_contains("tables");
  if (list == nullptr || !list->is_array() || list->get_array().size() > most_tables) {
    return base::fail(errc::snapshot_invalid);
  }
  std::vector<snapshot_table> tables;
  for (const auto& value : list->get_array()) {
    HTTVPS_TRY(auto table, table_in(value));
    tables.push_back(std::move(table));
  }
  return tables;
}

std::string mark_of(std::span<const migration> applied) {
  std::string scripts;
  for (const auto& one : applied) {
    scripts.append(services::hash_secret(one.up)).append("\n");
  }
  return services::hash_secret(scripts);
}

base::result<std::span<const migration>> migrations_for(const snapshot_head& head) {
  const auto known = known_migrations();
  if (head.schema > known.back().version) {
    return base::fail(errc::snapshot_newer);
  }
  const auto last = std::ranges::find(known, head.schema, &migration::version);
  if (last == known.end()) {
    return base::fail(errc::schema_changed);
  }
  const auto applied = known.first(static_cast<std::size_t>(last - known.begin()) + 1);
  return mark_of(applied) == head.migrations ? base::result<std::span<const migration>>(applied)
                                             : base::fail(errc::schema_changed);
}

}
