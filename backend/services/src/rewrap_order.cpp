#include "httvps/backend/services/rewrap_order.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "httvps/backend/models/enum_text.hpp"
#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::services {
namespace {

namespace json = boost::json;

constexpr std::string_view setting_name = "rewrap";

std::string text_in(const json::object& from, std::string_view name) {
  const auto* found = from.if_contains(name);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::optional<std::int64_t> number_in(const json::object& from, std::string_view name) {
  const auto* found = from.if_contains(name);
  return found != nullptr && found->is_int64() ? std::optional(found->get_int64()) : std::nullopt;
}

std::uint64_t count_in(const json::object& from, std::string_view name) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(number_in(from, name).value_or(0), 0));
}

std::optional<base::system_time> time_in(const json::object& from, std::string_view name) {
  const auto found = number_in(from, name);
  return found ? std::optional(base::from_unix_seconds(*found)) : std::nullopt;
}

void put_time(json::object& into, std::string_view name,
              const std::optional<base::system_time>& when) {
  if (when) {
    into[name] = base::to_unix_seconds(*when);
  }
}

}

base::result<rewrap_order> load_rewrap(repositories& tables) {
  HTTVPS_TRY(const auto stored, tables.settings.find(setting_name));
  if (!stored) {
    return rewrap_order{};
  }
  boost::system::error_code failure;
  const auto parsed = json::parse(*stored, failure);
  const auto* object = failure ? nullptr : parsed.if_object();
  const auto state = object == nullptr
                         ? std::nullopt
                         : models::parse_enum<models::rewrap_state>(text_in(*object, "state"));
  if (!state) {
    return base::fail(errc::storage_failed);
  }
  return rewrap_order{.state = *state,
                      .key_id = text_in(*object, "key_id"),
                      .ordered_at = time_in(*object, "ordered_at"),
                      .finished_at = time_in(*object, "finished_at"),
                      .rewrapped = count_in(*object, "rewrapped"),
                      .unreadable = count_in(*object, "unreadable"),
                      .column = count_in(*object, "column"),
                      .after = text_in(*object, "after")};
}

base::result<> save_rewrap(repositories& tables, const rewrap_order& order) {
  json::object written{{"state", models::enum_text(order.state)},
                       {"key_id", order.key_id},
                       {"rewrapped", static_cast<std::int64_t>(order.rewrapped)},
                       {"unreadable", static_cast<std::int64_t>(order.unreadable)},
                       {"column", static_cast<std::int64_t>(order.column)},
                       {"after", order.after}};
  put_time(written, "ordered_at", order.ordered_at);
  put_time(written, "finished_at", order.finished_at);
  return tables.settings.save(
      {.key = std::string(setting_name), .value = json::serialize(written)});
}

}
