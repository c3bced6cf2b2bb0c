#pragma once

#include <cstddef>

#include "httvps/base/bytes.hpp"
#include "httvps/shadowsocks/aead.hpp"
#include "httvps/shadowsocks/cipher.hpp"
#include "httvps/shadowsocks/target.hpp"

namespace httvps::shadowsocks {

inline constexpr std::size_t max_packet_size = 65507;

constexpr std::size_t packet_overhead(cipher_method method) noexcept {
  return salt_size(method) + tag_size;
}

struct plain_packet {
  const salt& with;
  const encoded_target& to;
  base::byte_view payload;
};

struct opened_packet {
  target from;
  base::byte_view payload;
};

class packet_codec {
 public:
  packet_codec(aead_engine& engine, const cipher_key& master) noexcept
      : engine_(&engine), master_(master) {}

  cipher_method method() const noexcept { return master_.method(); }
  std::size_t sealed_size(const encoded_target& to, std::size_t payload) const noexcept {
    return packet_overhead(method()) + to.view().size() + payload;
  }

  base::result<std::size_t> seal(const plain_packet& packet, base::byte_span out) noexcept;
  base::result<opened_packet> open_in_place(base::byte_span sealed);

 private:
  aead_engine* engine_;
  cipher_key master_;
};

}
