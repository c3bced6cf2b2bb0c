#include "httvps/backend/shared/memory_sessions.hpp"

#include <algorithm>

namespace httvps::backend::shared {
namespace {

constexpr std::chrono::minutes sweep_pause{1};

bool is_next(std::uint64_t known, std::uint64_t told) {
  return told == known || told == known + 1;
}

}

bool memory_sessions::is_live(const entry& one) const {
  const auto found = holders_.find(one.holder);
  return found != holders_.end() && found->second.roll == one.roll &&
         clock_.steady_now() - found->second.heard_at < silent_holder_patience;
}

void memory_sessions::add(entries& held, const session_arrival& arrived) const {
  std::erase_if(held, [this](const entry& one) { return !is_live(one); });
  const auto same = [&arrived](const entry& one) {
    return one.holder == arrived.who.holder && one.session == arrived.who.session;
  };
  if (std::ranges::any_of(held, same)) {
    return;
  }
  const auto after = std::ranges::upper_bound(held, arrived.opened_at, {}, &entry::opened_at);
  held.insert(after, {.holder = arrived.who.holder,
                      .roll = holders_.find(arrived.who.holder)->second.roll,
                      .session = arrived.who.session,
                      .opened_at = arrived.opened_at});
}

std::uint32_t memory_sessions::settle(entries& held, const session_arrival& arrived) {
  const bool bounded = arrived.limit > 0;
  std::size_t over = bounded && held.size() > arrived.limit ? held.size() - arrived.limit : 0;
  std::uint32_t elsewhere = 0;
  std::erase_if(held, [&](const entry& one) {
    const bool is_here = one.holder == arrived.who.holder;
    if (is_here && one.session == arrived.who.session) {
      return false;
    }
    if (over == 0) {
      elsewhere += is_here ? 0 : 1;
      return false;
    }
    --over;
    if (!is_here) {
      holders_.find(one.holder)->second.to_end.insert(one.session);
    }
    return !is_here;
  });
  return elsewhere;
}

base::result<std::uint32_t> memory_sessions::admit(const session_arrival& arrived) {
  const std::scoped_lock lock(mutex_);
  const auto holder = holders_.find(arrived.who.holder);
  if (holder == holders_.end() || holder->second.to_end.contains(arrived.who.session)) {
    return 0;
  }
  if (devices_.size() >= most_devices_ && !devices_.contains(arrived.who.device)) {
    return base::fail(base::errc::limit_reached);
  }
  auto& held = devices_[arrived.who.device];
  add(held, arrived);
  return settle(held, arrived);
}

void memory_sessions::remove(const live_session& ended) {
  const auto found = devices_.find(ended.device);
  if (found == devices_.end()) {
    return;
  }
  std::erase_if(found->second, [&ended](const entry& one) {
    return one.holder == ended.holder && one.session == ended.session;
  });
  if (found->second.empty()) {
    devices_.erase(found);
  }
}

base::result<roll_reply> memory_sessions::note(const session_roll& told) {
  const std::scoped_lock lock(mutex_);
  sweep();
  auto found = holders_.find(told.holder);
  const bool in_step =
      told.seq == 0 || (found != holders_.end() && found->second.roll == told.roll &&
                        is_next(found->second.seq, told.seq));
  if (!in_step) {
    return roll_reply{.standing = roll_standing::out_of_step, .to_end = {}};
  }
  auto& kept = holders_[told.holder];
  kept.roll = told.roll;
  kept.seq = told.seq;
  kept.heard_at = clock_.steady_now();
  for (const auto& each : told.ended) {
    remove(each);
    kept.to_end.erase(each.session);
  }
  roll_reply reply;
  for (const auto& each : kept.to_end) {
    if (reply.to_end.size() < most_sessions_told) {
      reply.to_end.push_back(each);
    }
  }
  return reply;
}

void memory_sessions::sweep() {
  const auto now = clock_.steady_now();
  if (now - swept_at_ < sweep_pause) {
    return;
  }
  swept_at_ = now;
  std::erase_if(holders_, [now](const auto& each) {
    return now - each.second.heard_at >= silent_holder_patience;
  });
  for (auto& [device, held] : devices_) {
    std::erase_if(held, [this](const entry& one) { return !is_live(one); });
  }
  std::erase_if(devices_, [](const auto& each) { return each.second.empty(); });
}

std::size_t memory_sessions::devices() const {
  const std::scoped_lock lock(mutex_);
  return devices_.size();
}

}
