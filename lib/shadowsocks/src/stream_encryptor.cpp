#include <array>

#include "httvps/shadowsocks/stream.hpp"

namespace httvps::shadowsocks {
namespace {

base::result<std::size_t> payload_size(std::span<const base::byte_view> parts) noexcept {
  std::size_t total = 0;
  for (const auto part : parts) {
    if (part.size() > max_chunk_payload - total) {
      return base::fail(errc::payload_too_long);
    }
    total += part.size();
  }
  if (total == 0) {
    return base::fail(errc::payload_empty);
  }
  return total;
}

}

base::result<stream_encryptor> stream_encryptor::start(aead_engine& engine,
                                                       const cipher_key& master,
                                                       const salt& request_salt) noexcept {
  HTTVPS_TRY(const auto key, derive_session_key(master, request_salt));
  return stream_encryptor(engine, key, request_salt);
}

std::size_t stream_encryptor::next_sealed_size(std::size_t payload) const noexcept {
  const std::size_t unsent = counter_ == 0 ? salt_.view().size() : 0;
  return unsent + sealed_size(payload);
}

base::result<std::size_t> stream_encryptor::seal(
    base::byte_span out, std::span<const base::byte_view> payload) noexcept {
  HTTVPS_TRY(const auto size, payload_size(payload));
  const auto total = next_sealed_size(size);
  if (out.size() < total) {
    return base::fail(errc::output_too_small);
  }
  if (counter_ == 0) {
    base::copy_bytes(out, salt_.view());
  }
  HTTVPS_CHECK(seal_chunk(out.first(total).last(sealed_size(size)), payload, size));
  return total;
}

base::result<> stream_encryptor::seal_chunk(base::byte_span out,
                                            std::span<const base::byte_view> payload,
                                            std::size_t size) noexcept {
  const std::array length{static_cast<std::uint8_t>(size >> 8U), static_cast<std::uint8_t>(size)};
  const base::byte_view length_part = length;
  const aead_position length_at{.key = key_, .counter = counter_++};
  HTTVPS_CHECK(engine_->seal(length_at, std::span(&length_part, 1), out.first(sealed_length_size)));
  const aead_position payload_at{.key = key_, .counter = counter_++};
  return engine_->seal(payload_at, payload, out.subspan(sealed_length_size));
}

}
