#include "amendments.hpp"
#include "httvps/backend/schemas/settings_documents.hpp"
#include "routes.hpp"
#include "typed_route.hpp"

namespace httvps::backend::api {
namespace {

using schemas::settings_change_request;
using schemas::settings_view;
using tagged_settings = tagged<settings_view>;

constexpr std::string_view settings_path = "/api/v1/admin/settings";

tagged_settings shown(const services::settings_report& found) {
  const auto& live = found.live;
  settings_view view{.admin_rate = live.admin_rate,
                     .device_rate = live.device_rate,
                     .usage_journal_days = live.usage_journal_days,
                     .usage_hourly_days = live.usage_hourly_days,
                     .usage_session_hours = live.usage_session_hours,
                     .usage_quarantine_days = live.usage_quarantine_days,
                     .signing_key_days = live.signing_key_days,
                     .stored = {},
                     .applies_within_s = services::settings_round.count()};
  for (const auto name : services::names_of(found.stored)) {
    view.stored.items.emplace_back(std::string(name));
  }
  return {.document = std::move(view), .tag = tag_of(found)};
}

services::settings_amendment amendment_of(const settings_change_request& wanted) {
  const auto number = [](const auto& field) {
    return changed_optional_number<std::uint32_t>(field);
  };
  return {.admin_rate = number(wanted.admin_rate),
          .device_rate = number(wanted.device_rate),
          .usage_journal_days = number(wanted.usage_journal_days),
          .usage_hourly_days = number(wanted.usage_hourly_days),
          .usage_session_hours = number(wanted.usage_session_hours),
          .usage_quarantine_days = number(wanted.usage_quarantine_days),
          .signing_key_days = number(wanted.signing_key_days)};
}

}

void add_settings_routes(route_table& table, const service_set& services) {
  table.add(without_body<tagged_settings>(
      {.method = "GET",
       .pattern = std::string(settings_path),
       .operation = "getSettings",
       .summary = "What holds now, and which of it was stored by a call.",
       .wanted = access::read_only},
      [services](call&) -> answer<tagged_settings> {
        HTTVPS_TRY(const auto found, services.settings.find());
        return shown(found);
      }));
  table.add(with_patch<settings_change_request, tagged_settings>(
      {.method = "PATCH",
       .pattern = std::string(settings_path),
       .operation = "changeSettings",
       .summary = "Changes settings of the running deployment; null takes back the value that "
                  "each backend was started with.",
       .wanted = access::admin},
      [services](call& made, const settings_change_request& wanted) -> answer<tagged_settings> {
        HTTVPS_TRY(const auto changed, services.settings.change(*made.admin, amendment_of(wanted)));
        return shown(changed);
      }));
}

}
