#include <algorithm>
#include <utility>

#include "stream_relay.hpp"
#include "throttle.hpp"

namespace httvps::gateway {

std::size_t stream_relay::take_up(std::size_t wanted) {
  const auto taken = host_.throttle_->take_up(wanted);
  had_a_turn_ = had_a_turn_ || taken > 0;
  if (taken < wanted) {
    held_back_up_ = true;
    hold_back();
  }
  return taken;
}

base::byte_view stream_relay::peek() {
  const auto bytes = host_.session().peek(stream_);
  if (taken_up_ == 0) {
    taken_up_ = take_up(bytes.size());
  }
  return bytes.first(std::min(bytes.size(), taken_up_));
}

void stream_relay::consume(std::size_t count) {
  host_.session().consume(stream_, count, host_.now());
  taken_up_ -= count;
  host_.throttle_->charge_up(count);
  meter_->add_up(count);
  host_.environment_.probe.bytes_up.add(count);
}

std::size_t stream_relay::accept(base::byte_view payload) {
  if (aborted_) {
    return payload.size();
  }
  if (!connection_ || connection_->has_backlog()) {
    return 0;
  }
  const auto taken = take_up(payload.size());
  const auto sent = connection_->try_send(payload.first(taken));
  if (!sent) {
    host_.throttle_->give_back(taken);
    fail(sent.error());
    return payload.size();
  }
  host_.throttle_->give_back(taken - *sent);
  host_.throttle_->charge_up(*sent);
  meter_->add_up(*sent);
  host_.environment_.probe.bytes_up.add(*sent);
  start_pump_up();
  return *sent;
}

void stream_relay::push_up() {
  const auto sent = connection_->send_from(*this);
  return_unused();
  if (!sent) {
    fail(sent.error());
    return;
  }
  if (finish_wanted_) {
    finish();
  }
  start_pump_up();
}

void stream_relay::start_pump_up() {
  if (!connection_ || !connection_->has_backlog() || std::exchange(pumping_up_, true)) {
    return;
  }
  host_.spawn(pump_up());
}

net::task<> stream_relay::pump_up() {
  const auto self = shared_from_this();
  while (!aborted_ && connection_->has_backlog()) {
    const auto ready = co_await connection_->wait_writable(net::no_deadline);
    if (aborted_) {
      break;
    }
    const auto flushed = ready ? connection_->flush() : ready;
    if (!flushed) {
      fail(flushed.error());
      break;
    }
    if (!connection_->has_backlog() && !finish_wanted_) {
      push_up();
      host_.progress();
    }
  }
  pumping_up_ = false;
  co_return base::result<void>();
}

void stream_relay::finish() {
  finish_wanted_ = true;
  up_done_ = aborted_ || connection_.has_value();
  if (!connection_ || aborted_) {
    return;
  }
  if (const auto done = connection_->shutdown_send(); !done) {
    fail(done.error());
    return;
  }
  start_pump_up();
  if (down_stopped_) {
    host_.spawn(let_node_end());
  }
}

}
