#include "httvps/backend/schemas/device_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "path_id.hpp"
#include "routes.hpp"
#include "typed_route.hpp"

namespace httvps::backend::api {
namespace {

schemas::own_device_view view_for(const models::device_id& asking, const models::device& device) {
  return {.id = device.id,
          .name = device.name,
          .platform = device.platform,
          .state = device.state,
          .is_this_device = device.id == asking,
          .enrolled_at = device.enrolled_at,
          .last_seen_at = device.last_seen_at,
          .revoked_at = device.revoked_at};
}

route regions_route(const service_set& services) {
  return without_body<schemas::covered_regions_answer>(
      {.method = "GET",
       .pattern = "/api/v1/regions",
       .operation = "listCoveredRegions",
       .summary = "The regions of the device's plan and whether a healthy node is there.",
       .wanted = access::device},
      [services](call& made) -> answer<schemas::covered_regions_answer> {
        HTTVPS_TRY(const auto found, services.devices.regions(*made.device));
        schemas::covered_regions_answer told;
        for (const auto& region : found) {
          told.regions.items.push_back({.code = region.code, .healthy = region.healthy});
        }
        return told;
      });
}

route own_devices_route(const service_set& services) {
  return without_body<schemas::own_devices_answer>(
      {.method = "GET",
       .pattern = "/api/v1/me/devices",
       .operation = "listOwnDevices",
       .summary = "The active devices of the device's own subscription, oldest first.",
       .wanted = access::device},
      [services](call& made) -> answer<schemas::own_devices_answer> {
        HTTVPS_TRY(const auto found, services.devices.own_devices(*made.device));
        schemas::own_devices_answer told;
        for (const auto& device : found) {
          told.devices.items.push_back(view_for(*made.device, device));
        }
        return told;
      });
}

route revoke_own_route(const service_set& services) {
  return without_body<schemas::own_device_view>(
      {.method = "POST",
       .pattern = "/api/v1/me/devices/{id}:revoke",
       .operation = "revokeOwnDevice",
       .summary = "Takes the access of a device of the own subscription away for ever.",
       .wanted = access::device},
      [services](call& made) -> answer<schemas::own_device_view> {
        HTTVPS_TRY(const auto id, id_of<models::device_id>(made, services::errc::device_not_found));
        HTTVPS_TRY(const auto revoked,
                   services.devices.revoke_own({.id = *made.device,
                                                .gateway = made.gateway->id,
                                                .request_id = made.request.request_id,
                                                .address = made.client_address},
                                               id));
        return view_for(*made.device, revoked);
      });
}

}

void add_own_device_routes(route_table& table, const service_set& services) {
  table.add(regions_route(services));
  table.add(own_devices_route(services));
  table.add(revoke_own_route(services));
}

}
