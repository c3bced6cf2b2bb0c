#include "httvps/shadowsocks/packet.hpp"

#include <array>

namespace httvps::shadowsocks {
namespace {

constexpr std::uint64_t only_counter = 0;

}

base::result<std::size_t> packet_codec::seal(const plain_packet& packet,
                                             base::byte_span out) noexcept {
  const auto salt_bytes = packet.with.view();
  const auto room = max_packet_size - packet_overhead(method()) - packet.to.view().size();
  if (packet.payload.size() > room) {
    return base::fail(errc::packet_too_long);
  }
  const auto total = sealed_size(packet.to, packet.payload.size());
  if (out.size() < total) {
    return base::fail(errc::output_too_small);
  }
  HTTVPS_TRY(const auto key, derive_session_key(master_, packet.with));
  base::copy_bytes(out, salt_bytes);
  const std::array parts{packet.to.view(), packet.payload};
  const auto sealed = out.first(total).subspan(salt_bytes.size());
  HTTVPS_CHECK(engine_->seal({.key = key, .counter = only_counter}, parts, sealed));
  return total;
}

base::result<opened_packet> packet_codec::open_in_place(base::byte_span sealed) {
  if (sealed.size() > max_packet_size) {
    return base::fail(errc::packet_too_long);
  }
  if (sealed.size() < packet_overhead(method())) {
    return base::fail(errc::packet_too_short);
  }
  HTTVPS_TRY(const auto with, salt::from_bytes(method(), sealed.first(salt_size(method()))));
  HTTVPS_TRY(const auto key, derive_session_key(master_, with));
  const auto rest = sealed.subspan(salt_size(method()));
  const auto plain = rest.first(rest.size() - tag_size);
  HTTVPS_CHECK(engine_->open({.key = key, .counter = only_counter}, rest, plain));
  HTTVPS_TRY(auto source, decode_target(plain));
  return opened_packet{.from = std::move(source.to), .payload = plain.subspan(source.size)};
}

}
