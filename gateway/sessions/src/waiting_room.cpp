#include "httvps/gateway/sessions/waiting_room.hpp"

#include <utility>

namespace httvps::gateway {

waiting_room::outcome waiting_room::enter(std::uint64_t place, std::string holder,
                                          net::tcp_ender carrier) {
  auto result = outcome::had_room;
  if (const auto own = places_of_.find(holder);
      own != places_of_.end() && own->second.size() >= limits_.most_of_one_holder) {
    drop(own->second.front());
    result = outcome::dropped_oldest;
  } else if (!held_.empty() && held_.size() >= limits_.most) {
    drop(held_.begin()->first);
    result = outcome::dropped_oldest;
  }
  places_of_[holder].push_back(place);
  held_.emplace(place, waiting_carrier{.holder = std::move(holder), .carrier = std::move(carrier)});
  return result;
}

void waiting_room::leave(std::uint64_t place) {
  const auto found = held_.find(place);
  if (found == held_.end()) {
    return;
  }
  const auto own = places_of_.find(found->second.holder);
  std::erase(own->second, place);
  if (own->second.empty()) {
    places_of_.erase(own);
  }
  held_.erase(found);
}

void waiting_room::drop(std::uint64_t place) {
  held_.at(place).carrier.end();
  leave(place);
}

}
