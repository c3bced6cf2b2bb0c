#include <utility>

#include "stream_relay.hpp"
#include "throttle.hpp"

namespace httvps::gateway {

net::task<> stream_relay::pump_down() {
  while (reads_node()) {
    HTTVPS_CO_CHECK(co_await connection_->wait_readable(net::no_deadline));
    if (!reads_node()) {
      break;
    }
    HTTVPS_CO_TRY(auto state, connection_->receive(*this));
    host_.progress();
    while (state == receive_state::paused && reads_node()) {
      HTTVPS_CO_CHECK(co_await wait_for_room());
      if (!reads_node()) {
        break;
      }
      HTTVPS_CO_TRY(state, connection_->receive(*this));
      host_.progress();
    }
    if (state == receive_state::ended) {
      down_done_ = true;
      host_.session().finish(stream_, host_.now());
      host_.progress();
      host_.end_stream(stream_);
      break;
    }
  }
  co_return base::result<void>();
}

net::task<> stream_relay::wait_for_room() {
  if (!room_) {
    room_ = std::make_unique<net::event>(host_.environment_.runs_on);
  }
  if (!held_back_down_) {
    host_.session().await_room(stream_, connection_->wanted_room());
  }
  return room_->wait(net::no_deadline);
}

void stream_relay::wake() {
  if (room_) {
    room_->notify();
  }
}

base::byte_span stream_relay::reserve(std::size_t size) {
  if (host_.session().send_room(stream_) < size) {
    return {};
  }
  const auto space = host_.session().reserve(stream_, size);
  if (space.size() < size) {
    return {};
  }
  if (!host_.throttle_->take_down(size)) {
    held_back_down_ = true;
    hold_back();
    return {};
  }
  had_a_turn_ = true;
  taken_down_ += size;
  return space;
}

void stream_relay::commit(std::size_t count) {
  host_.session().commit(stream_, count);
  taken_down_ -= count;
  host_.throttle_->charge_down(count);
  meter_->add_down(count);
  host_.environment_.probe.bytes_down.add(count);
}

void stream_relay::stop_down() {
  if (std::exchange(down_stopped_, true)) {
    return;
  }
  down_done_ = true;
  wake();
  if (up_done_) {
    host_.spawn(let_node_end());
  }
}

}
