#include "gateway_fleet.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace httvps::sim {
namespace {

constexpr double share_online = 10.0 / 11.0;
constexpr double usual_utilisation = 0.6;
constexpr double overload = 1.3;
constexpr std::uint64_t arrivals_take = 180;

}

gateway_fleet::gateway_fleet(const gateway_fleet_size& size, std::uint64_t seed)
    : size_(size), random_(seed) {
  for (std::size_t i = 0; i < size_.regions; ++i) {
    region_names_.push_back(fmt::format("region{}", i));
  }
  build_gateways();
  build_users();
}

void gateway_fleet::build_gateways() {
  const double online = share_online * static_cast<double>(size_.devices);
  const double sessions = online / static_cast<double>(size_.gateways) / usual_utilisation;
  for (std::size_t i = 0; i < size_.gateways; ++i) {
    gateways_.push_back({.id = fmt::format("gw_{}", i),
                         .region = i / gateways_a_region(),
                         .next_beat = second_ + random_.below(5)});
    index_[gateways_.back().id] = i;
    pool_.put({.id = gateways_.back().id,
               .region = region_names_[gateways_.back().region],
               .domain = fmt::format("domain_{}", i / 2),
               .capacity = {.sessions = sessions}},
              now());
  }
}

void gateway_fleet::build_users() {
  users_.resize(size_.devices);
  for (std::size_t i = 0; i < users_.size(); ++i) {
    users_[i].region = i % size_.regions;
    schedule(i, second_ + 1 + random_.below(arrivals_take));
  }
}

void gateway_fleet::run_for(std::uint64_t seconds, const std::function<void()>& each_second) {
  for (const auto end = second_ + seconds; second_ < end;) {
    ++second_;
    beat();
    pool_.advance(now());
    wake_users();
    note_overload();
    if (each_second) {
      each_second();
    }
  }
}

void gateway_fleet::beat() {
  for (auto& each : gateways_) {
    if (each.next_beat > second_) {
      continue;
    }
    each.next_beat = second_ + (random_.below(10) == 0 ? 6 : 5);
    if (each.is_alive) {
      pool_.note_heartbeat(each.id, {.sessions = static_cast<double>(each.sessions)}, now());
    }
  }
}

void gateway_fleet::note_overload() {
  for (auto& each : gateways_) {
    const bool is_over =
        static_cast<double>(each.sessions) > overload * std::max(1.0, mean_load(each.region));
    each.overloaded_for = is_over ? each.overloaded_for + 1 : 0;
    longest_overload_ = std::max(longest_overload_, each.overloaded_for);
  }
}

std::uint64_t gateway_fleet::kill(std::size_t index) {
  gateways_[index].is_alive = false;
  std::uint64_t depended = 0;
  for (auto& user : users_) {
    const bool is_first = !user.told.empty() && user.told.front() == index;
    depended += is_first || user.serving == index ? 1 : 0;
    if (user.serving == index) {
      hang_up(user);
      dial(user);
    }
  }
  return depended;
}

void gateway_fleet::revive(std::size_t index) {
  gateways_[index].is_alive = true;
}

void gateway_fleet::start_counting() {
  longest_overload_ = 0;
  for (auto& user : users_) {
    user.was_moved = false;
  }
  for (auto& each : gateways_) {
    each.enrolled = 0;
  }
}

std::uint64_t gateway_fleet::moved() const {
  return static_cast<std::uint64_t>(std::ranges::count(users_, true, &gateway_user::was_moved));
}

double gateway_fleet::mean_load(std::size_t region) const {
  double sum = 0;
  double alive = 0;
  for (std::size_t i = first_in(region); i < first_in(region + 1); ++i) {
    sum += static_cast<double>(gateways_[i].sessions);
    alive += gateways_[i].is_alive ? 1 : 0;
  }
  return sum / std::max(1.0, alive);
}

double gateway_fleet::mean_enrolled(std::size_t region) const {
  double sum = 0;
  for (std::size_t i = first_in(region); i < first_in(region + 1); ++i) {
    sum += static_cast<double>(gateways_[i].enrolled);
  }
  return sum / static_cast<double>(gateways_a_region());
}

double gateway_fleet::highest_load_over_mean() const {
  double highest = 0;
  for (const auto& each : gateways_) {
    const double mean = std::max(1.0, mean_load(each.region));
    highest = std::max(highest, static_cast<double>(each.sessions) / mean);
  }
  return highest;
}

}
