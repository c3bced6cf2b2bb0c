#include <algorithm>

#include "session_core.hpp"

namespace httvps::wire {
namespace {

constexpr std::uint8_t tls_handshake_record = 0x16;
constexpr std::uint8_t tls_major_version = 3;
constexpr std::uint8_t client_hello_message = 1;
constexpr std::size_t record_header = 5;

bool holds_only_client_hello(const send_half& sending) noexcept {
  const byte_count count = sending.sent();
  if (count == 0) {
    return true;
  }
  base::byte_array<record_header + 1> head{};
  if (count < head.size()) {
    return false;
  }
  sending.copy_out({0, head.size()}, head);
  const byte_count record = (byte_count{head[3]} << 8U) + head[4];
  return head[0] == tls_handshake_record && head[1] == tls_major_version &&
         head[record_header] == client_hello_message && count <= record_header + record;
}

}

bool session::core::may_open_again(const stream& each) const noexcept {
  const auto& ending = each.sending.end_state();
  const bool unheard = each.receiving.highest() == 0 && !each.receiving.end_state();
  const bool wanted = !each.discarding && !each.end_reported && !(ending && ending->code);
  return each.open_state != stream::opening::confirmed && unheard && wanted &&
         each.sending.acknowledged() == 0 && each.sending.written() <= initial_stream_window &&
         holds_only_client_hello(each.sending);
}

std::size_t session::core::lose_touched_streams() {
  std::vector<stream_id> kept;
  std::vector<stream_id> lost;
  for (const auto& [id, each] : streams_) {
    (may_open_again(each) ? kept : lost).push_back(id);
  }
  std::ranges::sort(kept, std::ranges::greater());
  byte_count bytes = 0;
  for (std::size_t at = 0; at < kept.size(); ++at) {
    bytes += find(kept[at])->sending.written();
    if (at >= reopened_streams_most || bytes > initial_session_window) {
      lost.insert(lost.end(), kept.begin() + static_cast<std::ptrdiff_t>(at), kept.end());
      break;
    }
  }
  for (const auto id : lost) {
    report_reset(*find(id), errc::gateway_lost);
    remove(id);
  }
  return lost.size();
}

void session::core::open_again(stream& each, base::steady_time now) {
  pin(each, carrier_number{});
  each.sending.rewind(initial_stream_window);
  each.receiving = receive_half(initial_stream_window);
  each.meter = {};
  each.meter.start(now);
  each.open_state = stream::opening::unsent;
  each.open_carrier = carrier_number{};
  each.ack_round = each.window_round = 0;
  each.credited_unread = each.counted_unread = each.counted_ahead = 0;
  each.last_progress = each.received_at = now;
  session_written_ += each.sending.written();
  stand_in_line(each);
}

void session::core::drop_all_carriers(base::steady_time now) {
  for (const auto& each : carriers_) {
    datagrams_.detach(each->number);
    events_.push_back(carrier_failed{each->number, errc::session_gone});
  }
  carriers_.clear();
  detached_since_ = now;
}

void session::core::forget_peer_state() noexcept {
  established_ = false;
  options_.epoch = {};
  agreed_capabilities_ = own_capabilities;
  peer_session_limit_ = initial_session_window;
  session_written_ = session_highest_ = session_consumed_ = 0;
  session_granted_ = session_window_;
  session_meter_ = {};
  acknowledger_ = {};
  round_trip_.reset();
  unproved_since_.reset();
  gone_.clear();
  lost_.clear();
  reports_.clear();
}

void session::core::restart(base::steady_time now) {
  drop_all_carriers(now);
  const auto lost = lose_touched_streams();
  forget_peer_state();
  options_.id = random_.take<16>();
  for (auto& [id, each] : streams_) {
    open_again(each, now);
  }
  events_.push_back(session_restarted{.reopened = streams_.size(), .lost = lost});
}

}
