#include "httvps/backend/schemas/device_documents.hpp"
#include "routes.hpp"
#include "typed_route.hpp"
#include "views.hpp"

namespace httvps::backend::api {
namespace {

route enrol_route(const service_set& services) {
  return with_body<schemas::enrol_request, schemas::enrol_answer>(
      {.method = "POST",
       .pattern = "/api/v1/devices/enrol",
       .operation = "enrolDevice",
       .summary = "Turns a ticket and a device key into an enrolled device with a token.",
       .wanted = access::gateway_of_device},
      [services](call& made,
                 const schemas::enrol_request& wanted) -> answer<schemas::enrol_answer> {
        HTTVPS_TRY(auto enrolled,
                   services.devices.enrol(*made.gateway, {.ticket = wanted.ticket.value,
                                                          .device_key = wanted.device_key.value,
                                                          .name = wanted.name.value,
                                                          .platform = wanted.platform.value}));
        made.notes.device_id = enrolled.device.id.text();
        return schemas::enrol_answer{.device_id = enrolled.device.id,
                                     .token = std::move(enrolled.token),
                                     .key_set = std::move(enrolled.key_set),
                                     .config = std::move(enrolled.config)};
      });
}

route token_route(const service_set& services) {
  return with_body<schemas::empty_request, schemas::token_answer>(
      {.method = "POST",
       .pattern = "/api/v1/devices/token",
       .operation = "renewToken",
       .summary = "A new access token for a device that proves its key.",
       .wanted = access::device},
      [services](call& made, const schemas::empty_request&) -> answer<schemas::token_answer> {
        HTTVPS_TRY(auto renewed, services.devices.renew(*made.gateway, *made.device));
        return schemas::token_answer{.token = std::move(renewed.token),
                                     .key_set = std::move(renewed.key_set)};
      });
}

struct config_query {
  static constexpr std::string_view schema_name = "DeviceConfigQuery";

  std::optional<schemas::region_code> region;
};
BOOST_DESCRIBE_STRUCT(config_query, (), (region))

route config_route(const service_set& services) {
  return with_query<config_query, schemas::device_config_answer>(
      {.method = "GET",
       .pattern = "/api/v1/devices/config",
       .operation = "getDeviceConfig",
       .summary =
           "The signed list of gateways that the device may use, of a region first if named.",
       .wanted = access::device,
       .further_statuses = {404}},
      [services](call& made, const config_query& query) -> answer<schemas::device_config_answer> {
        const auto region = query.region ? query.region->value : std::string();
        HTTVPS_TRY(auto config, services.devices.config(*made.gateway, *made.device, region));
        return schemas::device_config_answer{.config = std::move(config.config),
                                             .key_set = std::move(config.key_set),
                                             .lease_until = config.lease_until};
      });
}

route me_route(const service_set& services) {
  return without_body<schemas::me_answer>(
      {.method = "GET",
       .pattern = "/api/v1/me",
       .operation = "getMe",
       .summary = "What the device's owner may want to know: plan, end, traffic used.",
       .wanted = access::device},
      [services](call& made) -> answer<schemas::me_answer> {
        HTTVPS_TRY(const auto report, services.devices.report(*made.device));
        return view_of(report);
      });
}

}

void add_device_routes(route_table& table, const service_set& services) {
  table.add(enrol_route(services));
  table.add(token_route(services));
  table.add(config_route(services));
  table.add(me_route(services));
}

}
