#include "stream_relay.hpp"

#include <algorithm>
#include <utility>

#include "throttle.hpp"

namespace httvps::gateway {
namespace {

constexpr auto connect_limit = std::chrono::seconds(10);
constexpr auto node_end_limit = std::chrono::seconds(10);

wire::errc wire_code_of(const base::error& failure) {
  if (failure == outline_errc::target_unreachable_or_closed) {
    return wire::errc::target_unreachable_or_closed;
  }
  if (failure == outline_errc::node_protocol_error || failure == outline_errc::node_truncated ||
      failure == outline_errc::node_connection_lost) {
    return wire::errc::node_protocol_error;
  }
  return wire::errc::node_unreachable;
}

}

net::task<> stream_relay::run(shadowsocks::target where) {
  const auto self = shared_from_this();
  const auto connected = co_await connect(std::move(where));
  if (aborted_) {
    abort();
    co_return base::result<void>();
  }
  if (!connected) {
    fail(connected.error());
    co_return connected;
  }
  const auto outcome = co_await pump_down();
  if (!outcome && !aborted_) {
    fail(outcome.error());
  }
  co_return outcome;
}

net::task<> stream_relay::connect(shadowsocks::target where) {
  const auto started = host_.now();
  auto first = host_.session().peek(stream_);
  taken_up_ = take_up(first.size());
  first = first.first(taken_up_);
  auto nodes = host_.terms_.nodes.in_order();
  connect_request request{.node = std::move(nodes.first),
                          .target = std::move(where),
                          .first_payload = {first.begin(), first.end()},
                          .reserve = std::move(nodes.reserve)};
  const auto count = request.first_payload.size();
  auto made =
      co_await host_.environment_.dialer.connect(std::move(request), started + connect_limit);
  if (!made) {
    co_return base::fail(made.error());
  }
  connection_.emplace(std::move(*made));
  const std::chrono::duration<double> took = host_.now() - started;
  host_.environment_.probe.node_connect_seconds.observe(took.count());
  if (!aborted_) {
    count_for(connection_->node_id());
    consume(count);
    push_up();
    host_.progress();
  }
  co_return base::result<void>();
}

const std::string& stream_relay::node_id() const {
  return connection_ ? connection_->node_id() : host_.terms_.nodes.first->id();
}

void stream_relay::count_for(const std::string& node_id) {
  const auto& terms = host_.terms_;
  if (node_id != terms.nodes.first->id()) {
    meter_ = host_.environment_.usage.open(terms.number, node_id, terms.token);
  }
}

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

void stream_relay::go_on() {
  if (aborted_) {
    return;
  }
  if (std::exchange(held_back_down_, false)) {
    wake();
  }
  if (std::exchange(held_back_up_, false) && connection_ && !connection_->has_backlog()) {
    push_up();
  }
}

std::size_t stream_relay::take_up(std::size_t wanted) {
  const auto taken = host_.throttle_->take_up(wanted);
  had_a_turn_ = had_a_turn_ || taken > 0;
  if (taken < wanted) {
    held_back_up_ = true;
    hold_back();
  }
  return taken;
}

void stream_relay::hold_back() {
  const bool had = std::exchange(had_a_turn_, false);
  host_.hold_back(stream_, had ? hosted_session::turn::had : hosted_session::turn::missed);
}

void stream_relay::return_unused() {
  host_.throttle_->give_back(std::exchange(taken_up_, 0));
  host_.throttle_->give_back(std::exchange(taken_down_, 0));
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

net::task<> stream_relay::let_node_end() {
  const auto self = shared_from_this();
  net::event never(host_.environment_.runs_on);
  static_cast<void>(co_await never.wait(host_.now() + node_end_limit));
  abort();
  co_return base::result<void>();
}

void stream_relay::fail(const base::error& failure) {
  if (aborted_) {
    return;
  }
  host_.environment_.probe.stream_failures.add();
  host_.environment_.log.debug(
      "stream_failed",
      {{"device_id", host_.terms_.device_id}, {"node_id", node_id()}, {"outcome", failure}});
  host_.session().fail_after_data(stream_, wire_code_of(failure));
  abort();
  down_done_ = true;
  host_.progress();
  host_.end_stream(stream_);
}

void stream_relay::abort() {
  aborted_ = true;
  return_unused();
  if (connection_) {
    connection_->close();
  }
  wake();
}

}
