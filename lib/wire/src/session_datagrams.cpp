#include "session_core.hpp"

namespace httvps::wire {

bool session::core::send_datagram(const datagram_frame& datagram, base::steady_time now) {
  now_ = now;
  if (ended_ || !agreed(capability::datagrams)) {
    datagrams_.refuse();
    return false;
  }
  return datagrams_.push(datagram, now);
}

base::result<void> session::core::on(const datagram_frame& frame, const receive_call& call) {
  if (!agreed(capability::datagrams)) {
    return base::fail(errc::frame_not_negotiated);
  }
  call.carrier.traffic_since_probe = true;
  expect_answer(call.carrier);
  ++counters_.datagrams_received;
  counters_.payload_received += frame.payload.size();
  call.sink.on_datagram(frame);
  return {};
}

void session::core::write_datagrams(carrier_state& carrier, frame_writer& out) {
  datagrams_.expire(now_);
  const auto share = carrier.ready.empty() ? out.room() : out.room() / 2;
  const auto begin = out.written();
  while (const auto* next = datagrams_.front(carrier.number)) {
    const bool within_share = out.written() - begin < share;
    if (!within_share || !out.put(*next)) {
      return;
    }
    ++counters_.datagrams_sent;
    counters_.payload_sent += next->payload.size();
    carrier.traffic_since_probe = true;
    expect_answer(carrier);
    datagrams_.pop(carrier.number);
  }
}

}
