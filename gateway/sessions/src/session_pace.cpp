#include <algorithm>
#include <cstddef>
#include <utility>

#include "control_exchange.hpp"
#include "datagram_bridge.hpp"
#include "httvps/gateway/sessions/farewell.hpp"
#include "httvps/gateway/sessions/hosted_session.hpp"
#include "stream_relay.hpp"
#include "throttle.hpp"

namespace httvps::gateway {
namespace {

void count_end(lease_end why, gateway_probe& probe) {
  switch (why) {
    case lease_end::quota_exceeded:
      return probe.quota_ends.add();
    case lease_end::subscription_expired:
      return probe.expiry_ends.add();
    case lease_end::access_suspended:
      return probe.revocation_ends.add();
  }
  std::unreachable();
}

}

void hosted_session::hold_back(wire::stream_id stream, turn last) {
  const bool is_new = std::ranges::find(held_back_, stream) == held_back_.end();
  if (is_new && last == turn::had) {
    held_back_.push_back(stream);
  } else if (is_new) {
    const auto place = held_back_.begin() + static_cast<std::ptrdiff_t>(missed_turns_++);
    held_back_.insert(place, stream);
  }
  if (!std::exchange(pacing_, true)) {
    static_cast<void>(tasks().spawn(pace(weak_from_this())));
  }
}

net::task<> hosted_session::pace(std::weak_ptr<carriage::carried_session> weak) {
  const auto lock = [&weak] { return std::static_pointer_cast<hosted_session>(weak.lock()); };
  auto held = lock();
  while (held && held->pacing_) {
    const auto until = held->now() + held->throttle_->wait();
    held.reset();
    HTTVPS_CO_CHECK(co_await net::sleep_until(until));
    held = lock();
    if (held) {
      held->go_on();
    }
  }
  co_return base::result<>();
}

void hosted_session::go_on() {
  if (session().ended()) {
    pacing_ = false;
    return;
  }
  if (throttle_->is_spent()) {
    pacing_ = false;
    count_end(throttle_->end(), environment_.probe);
    auto why = farewell_at(throttle_->end());
    end_with_notice(why.code, std::move(why.sentence));
    return;
  }
  throttle_->begin_round();
  missed_turns_ = 0;
  const auto streams = std::exchange(held_back_, {});
  for (const auto stream : streams) {
    if (const auto found = relays_.find(stream); found != relays_.end()) {
      const auto relay = found->second;
      relay->go_on();
    }
  }
  pacing_ = !held_back_.empty();
  progress();
}

}
