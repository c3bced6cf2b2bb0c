#include <utility>

#include "bound/record_stream.hpp"
#include "common/error.hpp"

namespace httvps::bench {
namespace {

constexpr std::size_t length_size = 2;
constexpr std::size_t sealed_length_size = length_size + aead_tag_size;
constexpr std::size_t overhead = sealed_length_size + aead_tag_size;
constexpr std::size_t largest_payload = 0x3fff;

class shadowsocks_stream final : public record_stream {
 public:
  explicit shadowsocks_stream(aead cipher) : cipher_(std::move(cipher)) {}

  base::result<std::size_t> seal(base::byte_view payload, base::byte_span room) override {
    const auto size = payload.size() + overhead;
    const auto chunk = room.first(size);
    chunk[0] = static_cast<std::uint8_t>(payload.size() >> 8);
    chunk[1] = static_cast<std::uint8_t>(payload.size());
    base::copy_bytes(chunk.subspan(sealed_length_size), payload);
    HTTVPS_CHECK(cipher_.seal(next_nonce(), {}, chunk.first(sealed_length_size)));
    HTTVPS_CHECK(cipher_.seal(next_nonce(), {}, chunk.subspan(sealed_length_size)));
    return size;
  }

  base::result<opened_record> open(base::byte_span received) override {
    if (pending_ == 0) {
      if (received.size() < sealed_length_size) {
        return opened_record{};
      }
      HTTVPS_CHECK(open_length(received.first(sealed_length_size)));
    }
    const auto sealed_payload = pending_ + aead_tag_size;
    if (received.size() < sealed_length_size + sealed_payload) {
      return opened_record{};
    }
    const auto text = received.subspan(sealed_length_size, sealed_payload);
    HTTVPS_CHECK(cipher_.open(next_nonce(), {}, text));
    return opened_record{.consumed = sealed_length_size + sealed_payload,
                         .payload = text.first(std::exchange(pending_, 0))};
  }

 private:
  base::result<void> open_length(base::byte_span sealed) {
    HTTVPS_CHECK(cipher_.open(next_nonce(), {}, sealed));
    pending_ = (std::size_t{sealed[0]} << 8) + sealed[1];
    if (pending_ == 0 || pending_ > largest_payload) {
      return base::fail(errc::forged_record);
    }
    return {};
  }

  aead_nonce next_nonce() noexcept {
    aead_nonce nonce{};
    for (std::size_t place = 0; place < sizeof counter_; ++place) {
      nonce[place] = static_cast<std::uint8_t>(counter_ >> (8 * place));
    }
    ++counter_;
    return nonce;
  }

  aead cipher_;
  std::size_t pending_ = 0;
  std::uint64_t counter_ = 0;
};

}

base::result<std::unique_ptr<record_stream>> make_shadowsocks_stream(aead_kind kind, aead_use use) {
  HTTVPS_TRY(auto cipher, aead::make(kind, use));
  return std::make_unique<shadowsocks_stream>(std::move(cipher));
}

}
