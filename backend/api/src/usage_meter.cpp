#include "usage_meter.hpp"

#include <utility>

#include "fleet_meter.hpp"
#include "httvps/backend/models/node.hpp"

namespace httvps::backend::api {

base::counter usage_meter::counter_of(const std::string& region, std::string direction) {
  return metrics_.add_counter(
      {.name = "httvps_backend_usage_bytes_total",
       .help = "Payload bytes that were added to the accounts, by region of the gateway.",
       .labels = {{"region", region}, {"direction", std::move(direction)}}});
}

usage_meter::series usage_meter::series_of(const std::string& region) {
  const bool is_full = by_region_.size() >= most_region_series && !by_region_.contains(region);
  const auto [place, is_new] = by_region_.try_emplace(is_full ? std::string(other_region) : region);
  if (is_new) {
    place->second = {.up = counter_of(place->first, "up"),
                     .down = counter_of(place->first, "down")};
  }
  return place->second;
}

void usage_meter::count(std::string_view region, const models::traffic& added) {
  const bool is_known = !region.empty() && region != models::no_region;
  const std::scoped_lock lock(mutex_);
  auto found = series_of(std::string(is_known ? region : unknown_region));
  found.up.add(added.up);
  found.down.add(added.down);
}

}
