#include <algorithm>

#include "httvps/backend/services/device_service.hpp"

namespace httvps::backend::services {

base::result<std::vector<models::device>> device_service::own_devices(
    const models::device_id& device) const {
  return read_from(
      tools_.storage, [&](repositories& tables) -> base::result<std::vector<models::device>> {
        HTTVPS_TRY(const auto holder, load_holder(tables, device, tools_.clock.system_now()));
        return tables.devices.list_active(
            {.owner = holder.device.subscription, .most = most_own_devices});
      });
}

base::result<std::vector<covered_region>> device_service::regions(
    const models::device_id& device) const {
  return read_from(
      tools_.storage, [&](repositories& tables) -> base::result<std::vector<covered_region>> {
        HTTVPS_TRY(const auto holder, load_holder(tables, device, tools_.clock.system_now()));
        HTTVPS_CHECK(tools_.fleet.refresh(tables));
        HTTVPS_TRY(const auto known, tables.regions.list());
        const auto healthy = tools_.fleet.regions_with_healthy_nodes();
        std::vector<covered_region> covered;
        for (const auto& region : known) {
          if (holder.subscription.terms.covers_region(region.code)) {
            covered.push_back({.code = region.code, .healthy = healthy.contains(region.code)});
          }
        }
        std::ranges::sort(covered, {}, &covered_region::code);
        if (covered.size() > most_covered_regions) {
          covered.resize(most_covered_regions);
        }
        return covered;
      });
}

}
