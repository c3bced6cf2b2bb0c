#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "httvps/shadowsocks/packet.hpp"

namespace {

using namespace httvps::shadowsocks;
namespace base = httvps::base;

class transparent_engine final : public aead_engine {
 public:
  base::result<> seal(aead_position, std::span<const base::byte_view> plain,
                      base::byte_span sealed) noexcept override {
    auto rest = sealed;
    for (const auto part : plain) {
      base::copy_bytes(rest, part);
      rest = rest.subspan(part.size());
    }
    std::ranges::fill(rest, std::uint8_t{0});
    return {};
  }
  base::result<> open(aead_position, base::byte_view sealed,
                      base::byte_span plain) noexcept override {
    if (sealed.back() == 0xee) {
      return base::fail(errc::tag_mismatch);
    }
    std::copy_n(sealed.begin(), plain.size(), plain.begin());
    return {};
  }
};

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

bool is_named(const base::error& failure) {
  return failure == errc::packet_too_short || failure == errc::packet_too_long ||
         failure == errc::tag_mismatch || failure == errc::malformed_target;
}

void seal_again(packet_codec codec, const opened_packet& opened, base::byte_view sealed) {
  const auto size = salt_size(codec.method());
  const auto with = salt::from_bytes(codec.method(), sealed.first(size)).value();
  const auto to = encoded_target::from(opened.from).value();
  base::byte_vector out(codec.sealed_size(to, opened.payload.size()));
  require(codec.seal({.with = with, .to = to, .payload = opened.payload}, out) == sealed.size());
  const auto compared = sealed.size() - tag_size;
  require(
      std::equal(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(compared), sealed.begin()));
}

}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) {
    return 0;
  }
  static openssl_engine real;
  static transparent_engine transparent;
  static const auto password = base::secret_bytes::from_text("correct horse");
  const bool is_real = (data[0] & 4U) != 0;
  aead_engine& engine = is_real ? static_cast<aead_engine&>(real) : transparent;
  const auto method = static_cast<cipher_method>((data[0] & 3U) % cipher_method_count);
  packet_codec codec(engine, derive_master_key(method, password).value());
  const base::byte_vector sealed(data + 1, data + size);
  auto space = sealed;
  const auto opened = codec.open_in_place(space);
  require(opened || is_named(opened.error()));
  if (opened) {
    seal_again(codec, *opened, is_real ? sealed : space);
  }
  return 0;
}
