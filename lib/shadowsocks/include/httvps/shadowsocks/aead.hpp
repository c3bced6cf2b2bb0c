#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "httvps/base/bytes.hpp"
#include "httvps/shadowsocks/cipher.hpp"

namespace httvps::shadowsocks {

struct aead_position {
  const cipher_key& key;
  std::uint64_t counter;
};

class aead_engine {
 public:
  virtual ~aead_engine() = default;
  virtual base::result<> seal(aead_position at, std::span<const base::byte_view> plain,
                              base::byte_span sealed) noexcept = 0;
  virtual base::result<> open(aead_position at, base::byte_view sealed,
                              base::byte_span plain) noexcept = 0;
};

class openssl_engine final : public aead_engine {
 public:
  openssl_engine();
  openssl_engine(const openssl_engine&) = delete;
  openssl_engine& operator=(const openssl_engine&) = delete;
  ~openssl_engine() override;

  base::result<> seal(aead_position at, std::span<const base::byte_view> plain,
                      base::byte_span sealed) noexcept override;
  base::result<> open(aead_position at, base::byte_view sealed,
                      base::byte_span plain) noexcept override;

 private:
  struct context_cache;
  std::unique_ptr<context_cache> contexts_;
};

}
