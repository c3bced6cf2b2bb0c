#include "httvps/carriage/carried_session.hpp"

#include <algorithm>
#include <utility>

#include "carrier_slot.hpp"

namespace httvps::carriage {
namespace {

constexpr auto least_timer_step = std::chrono::milliseconds(1);

}

carried_session::carried_session(session_parts parts)
    : kept_alive_(std::move(parts.kept_alive)),
      runs_on_(parts.runs_on),
      clock_(parts.clock),
      greets_alone_(parts.options.role == wire::role::gateway),
      session_(std::move(parts.options), parts.pool, parts.random),
      tasks_(parts.runs_on),
      timer_(parts.runs_on) {}

carried_session::~carried_session() = default;

carried_session::shared_slot carried_session::find(wire::carrier_number number) const noexcept {
  const auto found =
      std::ranges::find(slots_, number, [](const auto& each) { return each->number; });
  return found == slots_.end() ? nullptr : *found;
}

net::carrier_link* carried_session::link_of(wire::carrier_number number) const noexcept {
  const auto slot = find(number);
  return slot ? slot->link.get() : nullptr;
}

net::traffic carried_session::traffic_of(wire::carrier_number number) const {
  const auto slot = find(number);
  return slot ? slot->stream().ciphertext_traffic() : net::traffic{};
}

base::result<> carried_session::attach(carrier_arrival& arrival) {
  HTTVPS_CHECK(session_.attach(arrival.how, now()));
  const auto early = std::exchange(arrival.early, {});
  const auto slot = std::make_shared<carrier_slot>(runs_on_, std::move(arrival));
  slots_.push_back(slot);
  if (!early.empty()) {
    if (const auto heard = session_.receive(slot->number, early, *this, now()); !heard) {
      on_violation(heard.error());
    }
  }
  static_cast<void>(slot->tasks.spawn(read_loop(shared_from_this(), slot)));
  progress();
  return {};
}

void carried_session::progress() {
  dispatch();
  progress_soon();
  arm_timer();
}

void carried_session::dispatch() {
  if (std::exchange(dispatching_, true)) {
    return;
  }
  while (const auto event = session_.poll_event()) {
    on_event(*event);
    handle_own(*event);
  }
  dispatching_ = false;
}

void carried_session::handle_own(const wire::session_event& event) {
  if (const auto* retired = std::get_if<wire::carrier_retired>(&event)) {
    if (const auto slot = find(retired->carrier)) {
      close_gently(slot);
    }
  } else if (const auto* failed = std::get_if<wire::carrier_failed>(&event)) {
    drop_carrier(failed->carrier, failed->code);
  } else if (std::holds_alternative<wire::session_ended>(event)) {
    close_all();
  }
}

void carried_session::arm_timer() {
  const auto wanted = session_.deadline();
  if (!wanted || *wanted >= armed_for_ || over_) {
    return;
  }
  armed_for_ = std::max(*wanted, now() + least_timer_step);
  timer_.expires_at(armed_for_);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& failure) {
    const auto self = weak.lock();
    if (!failure && self) {
      self->on_timer();
    }
  });
}

void carried_session::on_timer() {
  armed_for_ = net::no_deadline;
  for (const auto& slot : slots_) {
    note_taken(*slot);
  }
  session_.tick(now());
  progress();
}

void carried_session::retire_carrier(wire::carrier_number number) {
  session_.retire(number, traffic_of(number).sent, now());
  progress();
}

void carried_session::drop_carrier(wire::carrier_number number, const base::error& reason) {
  if (const auto slot = find(number)) {
    lose(slot, reason);
  }
}

carrier_end carried_session::end_of(carrier_slot& slot, const base::error& reason) const {
  const auto all = session_.carriers();
  const auto found = std::ranges::find(all, slot.number, &wire::carrier_facts::number);
  return {.number = slot.number,
          .reason = reason,
          .traffic = slot.stream().ciphertext_traffic(),
          .facts = found == all.end() ? wire::carrier_facts{.number = slot.number} : *found,
          .awaiting_repeat = session_.awaiting_repeat()};
}

void carried_session::lose(const shared_slot& slot, const base::error& reason) {
  if (std::erase(slots_, slot) == 0) {
    return;
  }
  slot->closing = true;
  slot->stream().socket().close_now();
  const auto ended = end_of(*slot, reason);
  session_.detach(slot->number, now());
  on_carrier_end(ended);
  on_carrier_closed(slot->number);
  slot->lease.reset();
  progress();
}

void carried_session::close_gently(const shared_slot& slot) {
  if (std::exchange(slot->closing, true)) {
    return;
  }
  std::erase(slots_, slot);
  static_cast<void>(send_on(*slot));
  const auto ended = end_of(*slot, {});
  session_.detach(slot->number, now());
  on_carrier_end(ended);
  static_cast<void>(tasks_.spawn(shut(shared_from_this(), slot)));
  progress();
}

void carried_session::close_all() {
  over_ = true;
  timer_.cancel();
  const auto slots = std::exchange(slots_, {});
  for (const auto& slot : slots) {
    if (!std::exchange(slot->closing, true)) {
      static_cast<void>(tasks_.spawn(shut(shared_from_this(), slot)));
    }
  }
}

void carried_session::finish(wire::errc code) {
  session_.end(code);
  progress();
}

net::task<> carried_session::join(base::steady_time deadline) {
  return tasks_.join(deadline);
}

}
