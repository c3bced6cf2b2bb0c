#include "device_regions.hpp"

#include <map>

namespace httvps::backend::services {

base::result<> add_last_regions(repositories& tables, std::span<models::device> devices) {
  std::vector<models::device_id> ids;
  ids.reserve(devices.size());
  for (const auto& each : devices) {
    ids.push_back(each.id);
  }
  HTTVPS_TRY(auto found, tables.assignments.regions_of(ids));
  std::map<models::device_id, std::string> regions;
  for (auto& each : found) {
    regions.emplace(std::move(each.device), std::move(each.region));
  }
  for (auto& each : devices) {
    if (const auto last = regions.find(each.id); last != regions.end()) {
      each.last_region = last->second;
    }
  }
  return {};
}

base::result<models::device> with_last_region(repositories& tables, models::device device) {
  HTTVPS_CHECK(add_last_regions(tables, std::span(&device, 1)));
  return device;
}

}
