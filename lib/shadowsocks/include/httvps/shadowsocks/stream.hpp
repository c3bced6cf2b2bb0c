#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "httvps/base/bytes.hpp"
#include "httvps/shadowsocks/aead.hpp"
#include "httvps/shadowsocks/cipher.hpp"

namespace httvps::shadowsocks {

inline constexpr std::size_t max_chunk_payload = 0x3fff;
inline constexpr std::size_t sealed_length_size = 2 + tag_size;
inline constexpr std::size_t chunk_overhead = sealed_length_size + tag_size;

constexpr std::size_t sealed_size(std::size_t payload) noexcept {
  return payload + chunk_overhead;
}

class stream_encryptor {
 public:
  static base::result<stream_encryptor> start(aead_engine& engine, const cipher_key& master,
                                              const salt& request_salt) noexcept;

  std::size_t next_sealed_size(std::size_t payload) const noexcept;
  base::result<std::size_t> seal(base::byte_span out,
                                 std::span<const base::byte_view> payload) noexcept;
  base::result<std::size_t> seal(base::byte_span out, base::byte_view payload) noexcept {
    return seal(out, std::span(&payload, 1));
  }

 private:
  stream_encryptor(aead_engine& engine, const cipher_key& key, const salt& unsent) noexcept
      : engine_(&engine), key_(key), salt_(unsent) {}
  base::result<> seal_chunk(base::byte_span out, std::span<const base::byte_view> payload,
                            std::size_t size) noexcept;

  aead_engine* engine_;
  std::uint64_t counter_ = 0;
  cipher_key key_;
  salt salt_;
};

struct open_progress {
  std::size_t consumed = 0;
  std::size_t produced = 0;
};

class stream_decryptor {
 public:
  stream_decryptor(aead_engine& engine, const cipher_key& master, const salt& request_salt) noexcept
      : engine_(&engine), key_(master), request_salt_(request_salt) {}

  base::result<open_progress> open(base::byte_view in, base::byte_span out);
  std::size_t next_payload_size() const noexcept { return payload_size_; }
  std::size_t owned_bytes() const noexcept { return partial_ ? payload_size_ + tag_size : 0; }
  bool completes_with(std::size_t available) const noexcept {
    return stage_ == stage::payload && gathered_ + available >= payload_size_ + tag_size;
  }
  bool is_cut() const noexcept { return gathered_ > 0 || stage_ == stage::payload; }
  bool at_boundary() const noexcept { return stage_ == stage::length && gathered_ == 0; }
  bool started() const noexcept { return stage_ != stage::salt; }

 private:
  enum class stage : std::uint8_t { salt, length, payload, failed };
  struct cursor;

  bool gather_header(cursor& at, std::size_t wanted);
  base::result<bool> step(cursor& at);
  base::result<open_progress> stop(base::error failure, open_progress before) noexcept;
  base::result<bool> take_salt(cursor& at);
  base::result<bool> take_length(cursor& at);
  base::result<bool> take_payload(cursor& at);
  base::result<base::byte_view> gather_payload(cursor& at);

  aead_engine* engine_;
  std::uint64_t counter_ = 0;
  std::unique_ptr<std::uint8_t[]> partial_;
  cipher_key key_;
  salt request_salt_;
  base::byte_array<max_salt_size> header_{};
  std::uint16_t gathered_ = 0;
  std::uint16_t payload_size_ = 0;
  stage stage_ = stage::salt;
  base::error failure_;
};

}
