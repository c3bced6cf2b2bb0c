#include <algorithm>

#include "session_core.hpp"

namespace httvps::wire {
namespace {

constexpr std::uint64_t detached_seconds_most = 3600;

bool refuses_one_carrier(errc code) {
  return code == errc::carrier_limit || code == errc::carrier_number_reused ||
         code == errc::gateway_draining || code == errc::backend_unavailable ||
         code == errc::usage_backlog_full;
}

template <typename Held>
std::shared_ptr<Held> keep_alive(const std::shared_ptr<Held>& held) {
  return held;
}

}

base::result<void> session::core::receive(carrier_number number, byte_view bytes, data_sink& sink,
                                          base::steady_time now) {
  const auto found =
      std::ranges::find(carriers_, number, [](const auto& each) { return each->number; });
  if (found == carriers_.end() || ended_) {
    return base::fail(errc::session_gone);
  }
  const auto carrier = keep_alive(*found);
  now_ = now;
  carrier->last_heard = now;
  carrier->keepalive_at = now + carrier->keepalive_after;
  const receive_call call{*carrier, sink, now};
  while (!ended_ && find_carrier(number) == carrier.get()) {
    auto next = carrier->reader.next(bytes);
    if (next && !*next) {
      break;
    }
    const auto outcome = next ? handle(**next, call) : std::unexpected(next.error());
    if (!outcome) {
      end(from_wire(static_cast<std::uint64_t>(outcome.error().value())));
      return outcome;
    }
  }
  report_writable();
  return {};
}

base::result<void> session::core::handle(const frame& received, const receive_call& call) {
  const bool greeting = std::holds_alternative<welcome_frame>(received) ||
                        std::holds_alternative<refuse_frame>(received);
  if (!call.carrier.heard_greeting && !greeting) {
    return base::fail(errc::protocol_violation);
  }
  return std::visit([this, &call](const auto& each) { return on(each, call); }, received);
}

base::result<void> session::core::on(const hello_frame&, const receive_call&) {
  return base::fail(errc::protocol_violation);
}

base::result<void> session::core::on(const welcome_frame& frame, const receive_call& call) {
  if (options_.role != role::client || call.carrier.heard_greeting) {
    return base::fail(errc::protocol_violation);
  }
  if (frame.version != protocol_version) {
    return base::fail(errc::version_unsupported);
  }
  options_.epoch = frame.epoch;
  agreed_capabilities_ = own_capabilities & frame.capabilities;
  options_.limits.detached_for =
      std::chrono::seconds(std::min<std::uint64_t>(frame.detached_seconds, detached_seconds_most));
  peer_session_limit_ = std::max(peer_session_limit_, frame.session_limit);
  for (const auto& state : frame.streams) {
    HTTVPS_CHECK(apply_peer_state(state, call.now));
  }
  if (!established_) {
    established_ = true;
    events_.push_back(session_established{std::string(frame.direct_host)});
  }
  call.carrier.first_round_trip = call.now - call.carrier.greeted_at;
  take_in_use(call.carrier, call.now);
  forget_proved_losses();
  events_.push_back(carrier_ready{call.carrier.number});
  return {};
}

base::result<void> session::core::on(const refuse_frame& frame, const receive_call& call) {
  if (options_.role != role::client || call.carrier.heard_greeting) {
    return base::fail(errc::protocol_violation);
  }
  const auto code = from_wire(frame.code);
  const auto retry = std::min<std::uint64_t>(frame.retry_after_seconds, 86400);
  if (established_ && refuses_one_carrier(code)) {
    call.carrier.failed = true;
    events_.push_back(carrier_failed{call.carrier.number, code});
    return {};
  }
  if (established_ && code == errc::session_gone) {
    restart(call.now);
    return {};
  }
  events_.push_back(
      session_refused{code, std::chrono::seconds(retry), std::string(frame.sentence)});
  end(code);
  return {};
}

base::result<void> session::core::on(const open_frame& frame, const receive_call& call) {
  if (options_.role != role::gateway || !is_client_stream(frame.stream)) {
    return base::fail(errc::stream_id_invalid);
  }
  const auto seen = seen_.add(frame.stream);
  if (seen == id_intervals::outcome::too_many) {
    return base::fail(errc::gap_limit);
  }
  if (seen == id_intervals::outcome::added) {
    HTTVPS_CHECK(admit(frame.stream, call, frame.target));
  } else if (auto* each = find(frame.stream)) {
    acknowledger_.note_received(*each, 0, call.now);
  } else {
    gone_.refuse(frame.stream);
  }
  return frame.payload.empty() ? base::result<void>()
                               : on(data_frame{frame.stream, 0, frame.payload}, call);
}

base::result<void> session::core::admit(stream_id id, const receive_call& call, target where) {
  const bool too_many = streams_.size() >= options_.limits.streams;
  if (streams_.size() >= options_.limits.streams + refused_streams_most) {
    return base::fail(errc::stream_limit);
  }
  auto& each = create(id, call.carrier.usable() ? call.carrier.number : best_carrier(), call.now);
  acknowledger_.note_received(each, 0, call.now);
  if (too_many || farewell_) {
    each.end_reported = each.reset_reported = true;
    kill(each, farewell_ ? errc::gateway_draining : errc::stream_limit, call.now);
    return {};
  }
  events_.push_back(stream_opened{id, std::move(where)});
  return {};
}

base::result<stream*> session::core::expect(stream_id id) {
  if (auto* each = find(id)) {
    return each;
  }
  if (!seen_.contains(id)) {
    return base::fail(errc::stream_id_invalid);
  }
  return nullptr;
}

base::result<void> session::core::on(const data_frame& frame, const receive_call& call) {
  HTTVPS_TRY(auto* each, expect(frame.stream));
  if (each == nullptr) {
    gone_.refuse(frame.stream);
    return {};
  }
  call.carrier.traffic_since_probe = true;
  expect_answer(call.carrier);
  each->last_progress = call.now;
  counters_.payload_received += frame.payload.size();
  HTTVPS_CHECK(tolerate(accept(*each, frame, call), frame.stream, call.now));
  enforce_unread_limit(call.now);
  return {};
}

base::result<void> session::core::tolerate(base::result<void> outcome, stream_id id,
                                           base::steady_time now) {
  const bool local =
      !outcome && (outcome.error() == errc::buffer_exhausted || outcome.error() == errc::gap_limit);
  if (!local) {
    return outcome;
  }
  if (auto* each = find(id)) {
    kill(*each, static_cast<errc>(outcome.error().value()), now);
  }
  return {};
}

base::result<void> session::core::accept(stream& each, const data_frame& data,
                                         const receive_call& call) {
  const byte_count end = data.offset + data.payload.size();
  HTTVPS_CHECK(grow_extent(each, end));
  const byte_count known = each.receiving.received();
  acknowledger_.note_received(each, data.payload.size(), call.now);
  if (each.discarding) {
    discard(each, call.now);
    settle(each);
    return {};
  }
  if (end <= known) {
    return {};
  }
  if (data.offset > known) {
    return accept_ahead(each, data);
  }
  hurry_if_tight(each, call.now);
  return deliver(each, data.payload.subspan(known - data.offset), call);
}

base::result<void> session::core::accept_ahead(stream& each, const data_frame& data) {
  const auto kept = each.receiving.keep_ahead(data.offset, data.payload, pool_);
  recount(each);
  HTTVPS_CHECK(kept);
  if (held_ahead_ > session_window_ + ahead_slack) {
    return base::fail(errc::buffer_exhausted);
  }
  return {};
}

std::size_t session::core::offer(stream& each, byte_view bytes, data_sink& sink) {
  const auto taken = sink.on_data(each.id, bytes);
  return std::min(taken, bytes.size());
}

base::result<void> session::core::deliver(stream& each, byte_view fresh, const receive_call& call) {
  const auto id = each.id;
  const auto removals = removals_;
  const auto taken = each.receiving.buffered() == 0 ? offer(each, fresh, call.sink) : 0;
  if (removals != removals_ && find(id) != &each) {
    return {};
  }
  if (each.discarding) {
    return {};
  }
  each.receiving.advance(taken);
  each.receiving.note_consumed(taken);
  account_consumed(each, taken, call.now);
  const auto rest = fresh.subspan(taken);
  HTTVPS_CHECK(store(each, rest, call.now));
  acknowledger_.note_received(each, 0, call.now);
  if (rest.empty()) {
    flush_buffered(id, call);
  }
  return {};
}

base::result<void> session::core::store(stream& each, byte_view rest, base::steady_time now) {
  if (!rest.empty()) {
    if (each.receiving.buffered() == 0) {
      each.unread_since = now;
    }
    const auto kept = each.receiving.keep(each.receiving.received(), rest, pool_);
    recount(each);
    HTTVPS_CHECK(kept);
    schedule_stream_tick(now + options_.limits.stalled_after);
  }
  if (each.receiving.has_gaps()) {
    each.receiving.absorb_ahead();
    recount(each);
  }
  return {};
}

void session::core::flush_buffered(stream_id id, const receive_call& call) {
  auto* each = find(id);
  while (each != nullptr && !each->discarding && each->receiving.buffered() > 0) {
    const auto offered = offer(*each, each->receiving.peek(), call.sink);
    each = find(id);
    if (each == nullptr || each->discarding) {
      break;
    }
    const auto taken = std::min<byte_count>(offered, each->receiving.buffered());
    if (taken == 0) {
      break;
    }
    each->receiving.consume(static_cast<std::size_t>(taken));
    recount(*each);
    each->unread_since = call.now;
    account_consumed(*each, taken, call.now);
  }
  if (each != nullptr) {
    report_end(*each);
    settle(*each);
  }
}

}
