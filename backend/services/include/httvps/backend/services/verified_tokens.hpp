#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "httvps/base/bytes.hpp"
#include "httvps/identity/document.hpp"

namespace httvps::backend::services {

inline constexpr std::size_t verified_tokens_most = 16384;

class verified_tokens {
 public:
  using shared_access = std::shared_ptr<const identity::verified_access>;

  explicit verified_tokens(std::size_t most = verified_tokens_most) noexcept : most_(most) {}

  shared_access find(std::string_view token, std::uint64_t key_set) const;
  void keep(std::string_view token, std::uint64_t key_set, identity::verified_access verified);
  std::size_t size() const;

 private:
  using digest = base::byte_array<32>;
  struct digest_hash {
    std::size_t operator()(const digest& bytes) const noexcept;
  };
  static digest digest_of(std::string_view token);

  std::size_t most_;
  mutable std::mutex mutex_;
  std::uint64_t key_set_ = 0;
  std::unordered_map<digest, shared_access, digest_hash> known_;
  std::deque<digest> by_age_;
};

}
