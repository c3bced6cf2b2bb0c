#pragma once

#include <algorithm>
#include <vector>

#include "httvps/base/random.hpp"
#include "httvps/shadowsocks/stream.hpp"

namespace httvps::shadowsocks::testing {

inline constexpr std::array all_methods{cipher_method::chacha20_ietf_poly1305,
                                        cipher_method::aes_128_gcm, cipher_method::aes_256_gcm};

inline cipher_key master_of(cipher_method method, std::string_view password = "correct horse") {
  return derive_master_key(method, base::secret_bytes::from_text(password)).value();
}

inline salt salt_of(cipher_method method, std::uint64_t seed) {
  base::seeded_random random(seed);
  return make_salt(method, {}, random).value();
}

inline base::byte_vector pattern(std::size_t size) {
  base::byte_vector bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::uint8_t>(7 * i + i / 256);
  }
  return bytes;
}

inline base::byte_vector seal_chunks(stream_encryptor& encryptor,
                                     const std::vector<base::byte_vector>& chunks) {
  base::byte_vector sealed;
  for (const auto& chunk : chunks) {
    const auto start = sealed.size();
    sealed.resize(start + encryptor.next_sealed_size(chunk.size()));
    encryptor.seal(base::byte_span(sealed).subspan(start), base::byte_view(chunk)).value();
  }
  return sealed;
}

inline base::result<base::byte_vector> open_in_pieces(stream_decryptor& decryptor,
                                                      base::byte_view sealed, std::size_t piece) {
  base::byte_vector plain;
  base::byte_vector room(max_chunk_payload);
  while (!sealed.empty()) {
    auto in = sealed.first(std::min(piece, sealed.size()));
    sealed = sealed.subspan(in.size());
    for (;;) {
      HTTVPS_TRY(const auto done, decryptor.open(in, room));
      base::append(plain, base::byte_view(room).first(done.produced));
      in = in.subspan(done.consumed);
      if (done.consumed == 0 && done.produced == 0) {
        break;
      }
    }
  }
  return plain;
}

struct sealed_stream {
  cipher_method method;
  base::byte_vector plain;
  base::byte_vector bytes;
};

inline sealed_stream seal_stream(cipher_method method, const std::vector<base::byte_vector>& parts,
                                 std::uint64_t seed = 1) {
  openssl_engine engine;
  auto encryptor =
      stream_encryptor::start(engine, master_of(method), salt_of(method, seed)).value();
  sealed_stream made{.method = method, .plain = {}, .bytes = seal_chunks(encryptor, parts)};
  for (const auto& part : parts) {
    base::append(made.plain, part);
  }
  return made;
}

}
