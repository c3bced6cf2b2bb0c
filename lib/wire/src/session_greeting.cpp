#include <algorithm>

#include "httvps/wire/varint.hpp"
#include "session_core.hpp"

namespace httvps::wire {
namespace {

constexpr std::size_t greeting_fixed_most = 96;

}

attachment attachment_of(const hello_frame& hello, frame_reader reader) {
  attachment how{.carrier = hello.carrier,
                 .reader = std::move(reader),
                 .peer_session_limit = hello.session_limit,
                 .down_budget = hello.down_budget,
                 .capabilities = hello.capabilities};
  for (const auto& state : hello.streams) {
    how.peer_streams.push_back(state);
  }
  return how;
}

base::result<void> session::core::apply_greeting(const attachment& how, base::steady_time now) {
  if (how.peer_session_limit) {
    peer_session_limit_ = std::max(peer_session_limit_, *how.peer_session_limit);
  }
  for (const auto& state : how.peer_streams) {
    HTTVPS_CHECK(apply_peer_state(state, now));
  }
  return {};
}

base::result<void> session::core::apply_peer_state(const receive_state& state,
                                                   base::steady_time now) {
  HTTVPS_CHECK(apply_ack({state.stream, state.received}, now));
  if (auto* each = find(state.stream)) {
    if (each->sending.raise_limit(state.limit)) {
      stand_in_line(*each);
    }
    each->last_progress = now;
  }
  return {};
}

std::vector<receive_state> session::core::receive_states(std::size_t room,
                                                         const carrier_state& carrier,
                                                         base::steady_time now) {
  std::vector<receive_state> states;
  const auto horizon = proved_horizon(&carrier);
  std::size_t used = 0;
  for (auto& [id, each] : streams_) {
    const bool silent = each.receiving.highest() == 0 && !each.receiving.end_state();
    if (silent || each.received_at < horizon) {
      continue;
    }
    const receive_state state{id, each.receiving.acknowledgement(), each.receiving.limit()};
    used += varint_size(static_cast<std::uint64_t>(id)) + varint_size(state.received) +
            varint_size(state.limit);
    if (used > room || states.size() == entries_most) {
      acknowledger_.repeat(each, now);
    } else {
      states.push_back(state);
    }
  }
  return states;
}

void session::core::write_greeting(carrier_state& carrier, frame_writer& out,
                                   base::steady_time now) {
  const std::size_t fixed = greeting_fixed_most + options_.direct_host.size();
  const std::size_t body = std::min(out.room(), frame_body_most);
  const auto states = receive_states(body > fixed ? body - fixed : 0, carrier, now);
  if (options_.role == role::client) {
    const hello_frame hello{
        .version = protocol_version,
        .capabilities = own_capabilities,
        .session = options_.id,
        .carrier = carrier.number,
        .may_create = established_ ? creation::forbidden : creation::permitted,
        .epoch = options_.epoch,
        .down_budget = carrier.down_budget,
        .session_limit = session_granted_,
    };
    carrier.greeted = out.put(hello, states);
    return;
  }
  const auto kept = std::chrono::duration_cast<std::chrono::seconds>(options_.limits.detached_for);
  const welcome_frame welcome{
      .version = protocol_version,
      .capabilities = agreed_capabilities_,
      .epoch = options_.epoch,
      .detached_seconds = static_cast<std::uint64_t>(kept.count()),
      .session_limit = session_granted_,
      .direct_host = options_.direct_host,
  };
  carrier.greeted = out.put(welcome, states);
}

}
