#include "stream_relay.hpp"

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

void stream_relay::hold_back() {
  const bool had = std::exchange(had_a_turn_, false);
  host_.hold_back(stream_, had ? hosted_session::turn::had : hosted_session::turn::missed);
}

void stream_relay::return_unused() {
  host_.throttle_->give_back(std::exchange(taken_up_, 0));
  host_.throttle_->give_back(std::exchange(taken_down_, 0));
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
