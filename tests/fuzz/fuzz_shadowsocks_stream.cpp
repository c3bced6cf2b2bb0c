#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "httvps/base/random.hpp"
#include "httvps/shadowsocks/stream.hpp"

namespace {

using namespace httvps::shadowsocks;
namespace base = httvps::base;

class transparent_engine final : public aead_engine {
 public:
  base::result<> seal(aead_position, std::span<const base::byte_view>,
                      base::byte_span) noexcept override {
    return {};
  }
  base::result<> open(aead_position, base::byte_view sealed,
                      base::byte_span plain) noexcept override {
    base::copy_bytes(plain, sealed.first(plain.size()));
    if (sealed.back() == 0xee) {
      return base::fail(errc::tag_mismatch);
    }
    return {};
  }
};

struct outcome {
  base::byte_vector plain;
  base::error failure;
};

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void drain(stream_decryptor& decryptor, base::byte_view in, outcome& all) {
  static base::byte_array<max_chunk_payload> room;
  for (;;) {
    const auto done = decryptor.open(in, room);
    if (!done) {
      all.failure = done.error();
      return;
    }
    require(done->consumed <= in.size() && done->produced <= room.size());
    require(decryptor.owned_bytes() <= max_chunk_payload + tag_size);
    base::append(all.plain, base::byte_view(room).first(done->produced));
    in = in.subspan(done->consumed);
    if (done->consumed == 0 && done->produced == 0) {
      return;
    }
  }
}

outcome open_in_pieces(stream_decryptor decryptor, base::byte_view bytes, std::size_t piece) {
  outcome all;
  while (!bytes.empty() && !all.failure) {
    const auto in = bytes.first(std::min(piece, bytes.size()));
    bytes = bytes.subspan(in.size());
    drain(decryptor, in, all);
  }
  return all;
}

stream_decryptor new_decryptor(aead_engine& engine, cipher_method method) {
  static const auto password = base::secret_bytes::from_text("fuzz");
  base::seeded_random random(1);
  return {engine, derive_master_key(method, password).value(),
          make_salt(method, {}, random).value()};
}

}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  static openssl_engine real;
  static transparent_engine transparent;
  aead_engine& engine = (data[0] & 4U) != 0 ? static_cast<aead_engine&>(real) : transparent;
  const auto method = static_cast<cipher_method>((data[0] & 3U) % cipher_method_count);
  const base::byte_view bytes(data + 2, size - 2);
  const auto whole = open_in_pieces(new_decryptor(engine, method), bytes, bytes.size());
  const auto pieces = open_in_pieces(new_decryptor(engine, method), bytes, data[1] + 1U);
  require(whole.failure == pieces.failure);
  require(whole.plain == pieces.plain);
  return 0;
}
