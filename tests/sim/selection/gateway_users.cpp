#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "gateway_fleet.hpp"

namespace httvps::sim {
namespace {

constexpr double stays_for = 20 * 60;
constexpr double stays_away_for = 2 * 60;
constexpr std::uint64_t one_in_enrols_anew = 5;

}

void gateway_fleet::wake_users() {
  while (!due_.empty() && due_.begin()->first <= second_) {
    const auto ready = due_.extract(due_.begin());
    for (const auto index : ready.mapped()) {
      wake(index);
    }
  }
}

void gateway_fleet::wake(std::size_t index) {
  auto& user = users_[index];
  if (!user.is_online()) {
    const bool is_new = user.told.empty() || random_.below(one_in_enrols_anew) == 0;
    if (is_new) {
      user.id = fmt::format("dev_{}_{}", index, ++user.life);
      enrol(user);
    }
    arrive(user);
  } else if (second_ >= user.leaves) {
    leave(user);
  } else {
    ask(user);
  }
  schedule(index, user.is_online() ? next_turn(user) : second_ + exponential(stays_away_for));
}

std::uint64_t gateway_fleet::next_turn(const gateway_user& user) const {
  return std::max(second_ + 1, std::min(user.leaves, user.lease_ends));
}

void gateway_fleet::enrol(gateway_user& user) {
  user.was_moved = false;
  user.serving = SIZE_MAX;
  if (take(user, std::nullopt)) {
    ++enrolments_;
    ++gateways_[user.told.front()].enrolled;
  }
}

void gateway_fleet::arrive(gateway_user& user) {
  user.leaves = second_ + exponential(stays_for);
  dial(user);
  if (user.is_online() && user.lease_ends <= second_) {
    ask(user);
  }
}

void gateway_fleet::leave(gateway_user& user) {
  hang_up(user);
}

void gateway_fleet::ask(gateway_user& user) {
  const auto first = user.told.front();
  take(user, gateways_[user.serving].id);
  user.was_moved = user.was_moved || user.told.front() != first;
}

bool gateway_fleet::take(gateway_user& user, const std::optional<std::string>& held) {
  const auto made = pool_.choose({.region = region_names_[user.region],
                                  .key = user.id,
                                  .held = held,
                                  .granted = std::nullopt});
  user.lease_ends =
      second_ + static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(
                                               backend::selection::lease_length(random_.next_u64()))
                                               .count());
  if (!made) {
    ++refusals_;
    return false;
  }
  user.told.clear();
  for (const auto& id : made->members) {
    user.told.push_back(index_.at(id));
  }
  return true;
}

void gateway_fleet::dial(gateway_user& user) {
  const auto answering =
      std::ranges::find_if(user.told, [&](std::size_t each) { return gateways_[each].is_alive; });
  if (answering == user.told.end()) {
    return;
  }
  user.serving = *answering;
  user.was_moved = user.was_moved || answering != user.told.begin();
  ++gateways_[user.serving].sessions;
}

void gateway_fleet::hang_up(gateway_user& user) {
  --gateways_[std::exchange(user.serving, SIZE_MAX)].sessions;
}

std::uint64_t gateway_fleet::exponential(double mean) {
  const double uniform = (static_cast<double>(random_.next_u64() >> 11) + 0.5) * 0x1.0p-53;
  return 1 + static_cast<std::uint64_t>(-mean * std::log(uniform));
}

}
