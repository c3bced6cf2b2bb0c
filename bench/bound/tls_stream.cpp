#include <utility>

#include "bound/record_stream.hpp"
#include "common/error.hpp"

namespace httvps::bench {
namespace {

constexpr std::size_t header_size = 5;
constexpr std::size_t type_size = 1;
constexpr std::uint8_t application_data = 23;
constexpr std::size_t overhead = header_size + type_size + aead_tag_size;

base::byte_array<header_size> header_for(std::size_t length) {
  return {application_data, 3, 3, static_cast<std::uint8_t>(length >> 8),
          static_cast<std::uint8_t>(length)};
}

class tls_stream final : public record_stream {
 public:
  explicit tls_stream(aead cipher) : cipher_(std::move(cipher)) {}

  base::result<std::size_t> seal(base::byte_view payload, base::byte_span room) override {
    const auto size = payload.size() + overhead;
    const auto header = header_for(size - header_size);
    const auto record = room.first(size);
    base::copy_bytes(record, header);
    base::copy_bytes(record.subspan(header_size), payload);
    record[header_size + payload.size()] = application_data;
    HTTVPS_CHECK(cipher_.seal(next_nonce(), header, record.subspan(header_size)));
    return size;
  }

  base::result<opened_record> open(base::byte_span received) override {
    if (received.size() < header_size) {
      return opened_record{};
    }
    const auto length = (std::size_t{received[3]} << 8) + received[4];
    if (length <= type_size + aead_tag_size || header_size + length > record_room) {
      return base::fail(errc::forged_record);
    }
    if (received.size() < header_size + length) {
      return opened_record{};
    }
    const auto text = received.subspan(header_size, length);
    HTTVPS_CHECK(cipher_.open(next_nonce(), received.first(header_size), text));
    return opened_record{.consumed = header_size + length,
                         .payload = text.first(length - type_size - aead_tag_size)};
  }

 private:
  aead_nonce next_nonce() noexcept {
    aead_nonce nonce{};
    for (std::size_t place = 0; place < sizeof sequence_; ++place) {
      nonce[aead_nonce_size - 1 - place] = static_cast<std::uint8_t>(sequence_ >> (8 * place));
    }
    ++sequence_;
    return nonce;
  }

  aead cipher_;
  std::uint64_t sequence_ = 0;
};

}

base::result<std::unique_ptr<record_stream>> make_tls_stream(aead_use use) {
  HTTVPS_TRY(auto cipher, aead::make(aead_kind::aes_128_gcm, use));
  return std::make_unique<tls_stream>(std::move(cipher));
}

}
