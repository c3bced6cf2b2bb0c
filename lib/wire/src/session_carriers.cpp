#include <algorithm>

#include "session_core.hpp"

namespace httvps::wire {

carrier_state* session::core::find_carrier(carrier_number number) const noexcept {
  for (const auto& each : carriers_) {
    if (each->number == number) {
      return each.get();
    }
  }
  return nullptr;
}

bool session::core::take_carrier_number(carrier_number number) {
  const auto wanted = static_cast<std::uint64_t>(number);
  if (wanted > highest_carrier_) {
    const auto shift = wanted - highest_carrier_;
    carrier_bitmap_ = shift >= 64 ? 1 : (carrier_bitmap_ << shift) | 1U;
    highest_carrier_ = wanted;
    return true;
  }
  const auto age = highest_carrier_ - wanted;
  if (age >= 64 || (carrier_bitmap_ >> age & 1U) != 0) {
    return false;
  }
  carrier_bitmap_ |= std::uint64_t{1} << age;
  return true;
}

void session::core::retire_beyond_cap(const carrier_state& fresh, base::steady_time now) {
  carrier_state* lowest = nullptr;
  std::size_t serving = 0;
  for (const auto& each : carriers_) {
    if (!each->heard_greeting || each->retiring) {
      continue;
    }
    ++serving;
    if (each.get() != &fresh && (lowest == nullptr || each->number < lowest->number)) {
      lowest = each.get();
    }
  }
  if (lowest != nullptr && serving > options_.limits.carriers) {
    retire(lowest->number, lowest->produced, now);
  }
}

base::result<void> session::core::shed_useless_carrier(base::steady_time now) {
  const auto useless = std::ranges::find_if(
      carriers_, [](const auto& each) { return each->reported || each->last_word_sent; });
  if (useless == carriers_.end()) {
    return base::fail(errc::carrier_limit);
  }
  const auto number = (*useless)->number;
  detach(number, now);
  events_.push_back(carrier_failed{number, errc::carrier_silent});
  return {};
}

base::result<void> session::core::attach(attachment how, base::steady_time now) {
  if (ended_) {
    return base::fail(errc::session_gone);
  }
  if (how.carrier == carrier_number{} || !take_carrier_number(how.carrier)) {
    return base::fail(errc::carrier_number_reused);
  }
  now_ = now;
  if (carriers_.size() >= options_.limits.carriers + retiring_carriers_most) {
    HTTVPS_CHECK(shed_useless_carrier(now));
  }
  if (const auto applied = apply_greeting(how, now); !applied) {
    end(from_wire(static_cast<std::uint64_t>(applied.error().value())));
    return applied;
  }
  auto carrier = std::make_shared<carrier_state>();
  carrier->number = how.carrier;
  carrier->reader = std::move(how.reader);
  carrier->down_budget = how.down_budget;
  carrier->last_heard = carrier->last_progress = carrier->proved_until = now;
  carrier->alone_since_attached = carriers_.empty();
  for (const auto& other : carriers_) {
    other->alone_since_attached = false;
  }
  schedule_keepalive(*carrier, now);
  carriers_.push_back(carrier);
  detached_since_.reset();
  if (options_.role == role::gateway) {
    established_ = true;
    agreed_capabilities_ = own_capabilities & how.capabilities;
    take_in_use(*carrier, now);
  }
  pin_waiting_streams();
  report_writable();
  return {};
}

void session::core::take_in_use(carrier_state& carrier, base::steady_time now) {
  carrier.heard_greeting = true;
  carrier.last_progress = now;
  carrier.silence_armed = !streams_.empty();
  datagrams_.attach(carrier.number);
  settle_losses(base::steady_time::max());
  retire_beyond_cap(carrier, now);
  for (const auto& other : carriers_) {
    if (other->suspect) {
      move_streams(*other, now);
    }
  }
  for (auto& [id, each] : streams_) {
    mark_ready(each);
  }
}

void session::core::schedule_keepalive(carrier_state& carrier, base::steady_time now) {
  if (options_.role != role::client) {
    return;
  }
  const auto least = options_.limits.keepalive_least;
  const auto spread = std::max(options_.limits.keepalive_most, least) - least;
  const auto extra = random_.below(static_cast<std::uint64_t>(spread.count()) + 1);
  carrier.keepalive_after = least + std::chrono::milliseconds(extra);
  carrier.keepalive_at = now + carrier.keepalive_after;
  carrier.ping_wanted = false;
}

bool session::core::any_usable() const noexcept {
  return std::ranges::any_of(carriers_, [](const auto& each) { return each->usable(); });
}

carrier_number session::core::best_carrier() const noexcept {
  const carrier_state* best = nullptr;
  const auto rank = [](const carrier_state& each) {
    return each.usable() ? 2 : (each.suspect ? 0 : 1);
  };
  for (const auto& each : carriers_) {
    if (each->retiring || each->failed) {
      continue;
    }
    const bool better = best == nullptr || rank(*each) > rank(*best) ||
                        (rank(*each) == rank(*best) && each->pinned < best->pinned);
    best = better ? each.get() : best;
  }
  return best == nullptr ? carrier_number{} : best->number;
}

const carrier_state* session::core::speaker() const noexcept {
  const carrier_state* found = nullptr;
  for (const auto& each : carriers_) {
    if (!each->greeted || each->last_word_sent) {
      continue;
    }
    if (each->usable()) {
      return each.get();
    }
    const bool better = found == nullptr || (found->retiring && !each->retiring);
    found = better ? each.get() : found;
  }
  return found;
}

void session::core::pin(stream& each, carrier_number carrier) {
  if (auto* former = find_carrier(each.carrier)) {
    --former->pinned;
  }
  each.carrier = carrier;
  each.queued = false;
  if (each.open_state == stream::opening::sent && each.open_carrier != carrier) {
    each.open_state = stream::opening::unsent;
  }
  if (auto* next = find_carrier(carrier)) {
    ++next->pinned;
    mark_ready(each);
  }
}

void session::core::pin_waiting_streams() {
  for (auto& [id, each] : streams_) {
    if (each.carrier == carrier_number{}) {
      pin(each, best_carrier());
    }
  }
}

void session::core::leave_carrier(carrier_number carrier) {
  for (auto& [id, each] : streams_) {
    if (each.carrier == carrier) {
      pin(each, best_carrier());
    }
  }
}

void session::core::retire(carrier_number carrier, byte_count bytes_sent, base::steady_time now) {
  auto* leaving = find_carrier(carrier);
  if (leaving == nullptr || leaving->retiring) {
    return;
  }
  now_ = now;
  leaving->retiring = true;
  leaving->bytes_at_retirement = bytes_sent;
  leave_carrier(carrier);
  leaving->ready.clear();
  datagrams_.detach(carrier);
}

std::vector<carrier_facts> session::core::carriers() const {
  std::vector<carrier_facts> facts;
  facts.reserve(carriers_.size());
  for (const auto& each : carriers_) {
    facts.push_back({.number = each->number,
                     .round_trip = each->round_trip,
                     .last_heard = each->last_heard,
                     .down_budget = each->down_budget,
                     .repeated = each->repeated,
                     .streams = each->pinned,
                     .ready = each->heard_greeting,
                     .suspect = each->suspect,
                     .retiring = each->retiring});
  }
  return facts;
}

}
