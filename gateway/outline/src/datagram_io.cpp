#include <array>
#include <utility>

#include "datagram_state.hpp"

namespace httvps::gateway {
namespace {

constexpr std::size_t calls_a_turn = 8;

}

void datagram_relay::state::write_or_keep(const shared_flow& flow, base::byte_view sealed,
                                          std::size_t payload) {
  if (flow->socket && flow->backlog.empty()) {
    const auto outcome = write(*flow, sealed);
    if (outcome == sending::sent) {
      note_sent(payload);
    }
    if (outcome != sending::blocked) {
      return;
    }
  }
  waiting_packet kept{
      .sealed = {sealed.begin(), sealed.end()}, .payload = payload, .since = engine_->now()};
  note_dropped(counts.dropped_full, flow->backlog.push(std::move(kept)));
  start_flushing(flow);
}

datagram_relay::state::sending datagram_relay::state::write(datagram_flow& flow,
                                                            base::byte_view sealed) {
  const std::array batch{net::udp_departure{.bytes = sealed}};
  auto sent = flow.socket->try_send(batch);
  if (!sent && sent.error() == net::errc::connect_refused) {
    sent = flow.socket->try_send(batch);
  }
  if (sent) {
    return sending::sent;
  }
  if (sent.error() == net::errc::would_block) {
    return sending::blocked;
  }
  note_dropped(counts.dropped_unreachable, 1);
  return sending::lost;
}

void datagram_relay::state::start_flushing(const shared_flow& flow) {
  if (flow->socket && !flow->backlog.empty() && !std::exchange(flow->flushing, true)) {
    static_cast<void>(tasks_.spawn(flush(shared_from_this(), flow)));
  }
}

net::task<> datagram_relay::state::flush(std::shared_ptr<state> self, shared_flow flow) {
  const auto patience = self->engine_->parts.limits.backlog_age;
  base::result<> outcome;
  while (outcome && self->write_backlog(*flow)) {
    outcome = co_await flow->socket->wait_writable(net::deadline_after(patience));
    if (!outcome && outcome.error() == net::errc::timed_out) {
      outcome = {};
    }
  }
  flow->flushing = false;
  co_return outcome;
}

bool datagram_relay::state::write_backlog(datagram_flow& flow) {
  note_dropped(counts.dropped_full, flow.backlog.expire(engine_->now()));
  while (sink_ != nullptr && !flow.backlog.empty()) {
    const auto outcome = write(flow, flow.backlog.front().sealed);
    if (outcome == sending::blocked) {
      return true;
    }
    if (outcome == sending::sent) {
      note_sent(flow.backlog.front().payload);
    }
    flow.backlog.pop();
  }
  return false;
}

net::task<> datagram_relay::state::read(std::shared_ptr<state> self, shared_flow flow) {
  while (flow->socket->is_open()) {
    HTTVPS_CO_CHECK(co_await flow->socket->wait_readable(net::no_deadline));
    for (std::size_t call = 0; call < calls_a_turn && self->receive(*flow); ++call) {
    }
  }
  co_return base::result<>();
}

bool datagram_relay::state::receive(datagram_flow& flow) {
  if (sink_ == nullptr || !flow.socket->is_open()) {
    return false;
  }
  const auto got = flow.socket->try_receive(engine_->arrivals);
  if (!got) {
    note_dropped(counts.dropped_unreachable, got.error() == net::errc::connect_refused ? 1 : 0);
    return got.error() == net::errc::connect_refused;
  }
  for (std::size_t i = 0; i < *got && sink_ != nullptr; ++i) {
    deliver(flow, engine_->arrivals[i]);
  }
  return *got == arrivals_of_a_call;
}

void datagram_relay::state::deliver(datagram_flow& flow, const net::udp_arrival& arrival) {
  auto opened = arrival.fit == net::udp_fit::whole
                    ? flow.codec.open_in_place(arrival.bytes())
                    : base::result<shadowsocks::opened_packet>(
                          base::fail(shadowsocks::errc::packet_too_long));
  if (!opened || opened->payload.size() > datagram_payload_most) {
    note_dropped(counts.dropped_invalid, 1);
    return;
  }
  flow.used = engine_->now();
  ++counts.packets_down;
  counts.bytes_down += opened->payload.size();
  engine_->parts.meter.packets_down.add();
  sink_->on_datagram(
      {.flow = flow.id, .peer = std::move(opened->from), .payload = opened->payload});
}

void datagram_relay::state::note_sent(std::size_t payload) {
  ++counts.packets_up;
  counts.bytes_up += payload;
  engine_->parts.meter.packets_up.add();
  if (sink_ != nullptr) {
    sink_->on_sent(payload);
  }
}

void datagram_relay::state::note_dropped(std::uint64_t& reason, std::size_t count) {
  reason += count;
  engine_->parts.meter.dropped.add(count);
}

}
