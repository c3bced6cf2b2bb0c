#include "datagram_state.hpp"

namespace httvps::gateway {

datagram_engine::state::state(datagram_engine_parts chosen)
    : parts(std::move(chosen)),
      cipher(engine_or_default(parts.engine)),
      memory(
          std::make_unique_for_overwrite<std::uint8_t[]>((arrivals_of_a_call + 1) * packet_room)) {
  const base::byte_span all(memory.get(), (arrivals_of_a_call + 1) * packet_room);
  for (std::size_t i = 0; i < arrivals_of_a_call; ++i) {
    arrivals[i].room = all.subspan(i * packet_room, packet_room);
  }
  output = all.last(packet_room);
}

base::result<base::byte_view> datagram_engine::state::seal(shadowsocks::packet_codec& codec,
                                                           const shadowsocks::encoded_target& to,
                                                           base::byte_view payload) {
  HTTVPS_TRY(const auto salt, shadowsocks::make_salt(codec.method(), {}, parts.random));
  HTTVPS_TRY(const auto size, codec.seal({.with = salt, .to = to, .payload = payload}, output));
  return base::byte_view(output).first(size);
}

bool datagram_engine::state::take_place() noexcept {
  if (flows >= parts.limits.flows) {
    return false;
  }
  ++flows;
  parts.meter.flows.add(1);
  return true;
}

void datagram_engine::state::leave_place() noexcept {
  --flows;
  parts.meter.flows.add(-1);
}

datagram_engine::datagram_engine(datagram_engine_parts parts)
    : state_(std::make_shared<state>(std::move(parts))) {}

datagram_engine::~datagram_engine() = default;

std::size_t datagram_engine::flows() const noexcept {
  return state_->flows;
}

}
