#include <boost/asio/post.hpp>
#include <limits>
#include <utility>

#include "carrier_slot.hpp"

namespace httvps::carriage {
namespace {

constexpr auto close_limit = std::chrono::seconds(2);
constexpr std::uint16_t normal_closure = 1000;
constexpr base::byte_count unlimited = std::numeric_limits<base::byte_count>::max();
constexpr base::byte_count overhead_of_a_message = 64;
constexpr base::byte_count kept_for_the_last_word = 256;
constexpr base::byte_count retire_below = 1024;

}

net::task<> carried_session::read_loop(std::shared_ptr<carried_session> self, shared_slot slot) {
  base::result<> outcome;
  while (outcome && !slot->closing) {
    outcome = co_await slot->link->wait_readable(net::no_deadline);
    if (outcome && !slot->closing) {
      outcome = self->receive_once(*slot);
      self->progress();
    }
  }
  if (!outcome && outcome.error() == net::errc::connection_closed) {
    self->close_gently(slot);
  } else if (!outcome && outcome.error() != net::errc::cancelled) {
    self->lose(slot, outcome.error());
  }
  co_return outcome;
}

base::result<> carried_session::receive_once(carrier_slot& slot) {
  base::result<> accepted;
  const auto state = slot.link->receive([&](base::byte_view payload) {
    if (accepted && !session_.ended() && !slot.closing) {
      accepted = session_.receive(slot.number, payload, *this, now());
    }
  });
  slot.paused = false;
  if (!accepted) {
    if (session_.ended()) {
      on_violation(accepted.error());
    }
    return {};
  }
  if (!state) {
    on_violation(state.error());
    return base::fail(state.error());
  }
  return *state == net::link_state::closed
             ? base::result<>(base::fail(net::errc::connection_closed))
             : base::result<>();
}

void carried_session::progress_soon() {
  if (std::exchange(progress_posted_, true)) {
    return;
  }
  boost::asio::post(runs_on_, [self = shared_from_this()] {
    self->progress_posted_ = false;
    self->dispatch();
    self->flush_now();
  });
}

void carried_session::flush_now() {
  for (std::size_t at = 0; at < slots_.size();) {
    const auto slot = slots_[at];
    flush(slot);
    const bool kept = at < slots_.size() && slots_[at] == slot;
    at += kept ? 1 : 0;
  }
  arm_timer();
}

void carried_session::flush(const shared_slot& slot) {
  if (slot->blocked || slot->paused || slot->closing || !slot->stream().socket().is_open()) {
    return;
  }
  if (!slot->stream().has_backlog() && !session_.has_output(slot->number, now())) {
    return;
  }
  const auto sent = send_on(*slot);
  if (!sent) {
    lose(slot, sent.error());
  } else if (*sent == net::send_state::blocked) {
    slot->blocked = true;
    static_cast<void>(slot->tasks.spawn(wait_until_writable(shared_from_this(), slot)));
  } else if (*sent == net::send_state::drained) {
    slot->stream().note_drained();
  } else if (*sent == net::send_state::paused) {
    slot->paused = true;
  } else if (*sent == net::send_state::has_more) {
    slot->stream().note_taken_whole();
    progress_soon();
  }
}

base::byte_count carried_session::allowance_of(carrier_slot& slot) {
  if (slot.down_budget == 0) {
    return unlimited;
  }
  const auto sent = slot.stream().ciphertext_traffic().sent;
  const auto left = slot.down_budget > sent ? slot.down_budget - sent : 0;
  const bool spent = left < retire_below;
  if (spent) {
    session_.retire(slot.number, sent, now());
  }
  const auto kept = spent ? overhead_of_a_message : kept_for_the_last_word;
  return left > kept ? left - kept : 0;
}

base::result<net::send_state> carried_session::send_on(carrier_slot& slot) {
  const auto moment = now();
  auto allowance = allowance_of(slot);
  bool alone = false;
  const auto budget = slot.stream().budget();
  session_.set_pace(slot.number, budget < net::send_budget_most ? budget : 0);
  const auto sent = slot.link->send([&](base::byte_span space) -> std::size_t {
    if (alone) {
      return 0;
    }
    const auto room = static_cast<std::size_t>(std::min<base::byte_count>(space.size(), allowance));
    const auto count = session_.produce(slot.number, space.first(room), moment);
    allowance -= std::min(allowance, count + overhead_of_a_message);
    alone = greets_alone_ && !std::exchange(slot.greeted, true);
    return count;
  });
  if (!slot.taken_by_peer) {
    note_taken(slot);
  }
  const bool more = alone && sent == net::send_state::drained;
  return more ? base::result<net::send_state>(net::send_state::has_more) : sent;
}

void carried_session::note_taken(carrier_slot& slot) {
  if (!session_.awaits_answer(slot.number)) {
    slot.taken_by_peer.reset();
    return;
  }
  const auto sent = slot.stream().ciphertext_traffic().sent;
  const base::byte_count waiting = slot.stream().socket().unacknowledged();
  const auto taken = sent - std::min(sent, waiting);
  const auto before = std::exchange(slot.taken_by_peer, taken);
  if (waiting > 0 && before && taken > *before) {
    session_.note_taken(slot.number, now());
  }
}

net::task<> carried_session::wait_until_writable(std::shared_ptr<carried_session> self,
                                                 shared_slot slot) {
  const auto ready = co_await slot->stream().wait_writable(net::no_deadline);
  slot->blocked = false;
  if (ready) {
    slot->stream().note_writable(self->now());
    self->flush(slot);
    self->arm_timer();
  }
  co_return ready;
}

net::task<> carried_session::send_rest(std::shared_ptr<carried_session> self, shared_slot slot,
                                       base::steady_time deadline) {
  auto state = self->send_on(*slot);
  while (state && *state != net::send_state::drained && *state != net::send_state::paused) {
    if (*state == net::send_state::blocked) {
      HTTVPS_CO_CHECK(co_await slot->stream().wait_writable(deadline));
    }
    state = self->send_on(*slot);
  }
  co_return state ? base::result<>() : base::fail(state.error());
}

net::task<> carried_session::shut(std::shared_ptr<carried_session> self, shared_slot slot) {
  const auto deadline = self->now() + close_limit;
  slot->tasks.cancel();
  static_cast<void>(co_await slot->tasks.join(deadline));
  const auto sent = co_await send_rest(self, slot, deadline);
  if (sent) {
    static_cast<void>(self->tasks_.spawn(close_link(self, slot, deadline)));
    static_cast<void>(co_await net::yield_to_others());
  } else {
    slot->stream().socket().close_now();
    slot->lease.reset();
  }
  self->on_carrier_closed(slot->number);
  co_return sent;
}

net::task<> carried_session::close_link(std::shared_ptr<carried_session> self, shared_slot slot,
                                        base::steady_time deadline) {
  const auto ended = co_await slot->link->close(normal_closure, deadline);
  slot->stream().socket().close_now();
  slot->lease.reset();
  self.reset();
  co_return ended;
}

}
