#include "httvps/backend/services/verified_tokens.hpp"

#include <sodium.h>

#include <cstring>

namespace httvps::backend::services {

std::size_t verified_tokens::digest_hash::operator()(const digest& bytes) const noexcept {
  std::size_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

verified_tokens::digest verified_tokens::digest_of(std::string_view token) {
  digest made{};
  static_assert(crypto_hash_sha256_BYTES == sizeof made);
  crypto_hash_sha256(made.data(), base::as_bytes(token).data(), token.size());
  return made;
}

verified_tokens::shared_access verified_tokens::find(std::string_view token,
                                                     std::uint64_t key_set) const {
  const auto name = digest_of(token);
  const std::lock_guard lock(mutex_);
  if (key_set != key_set_) {
    return nullptr;
  }
  const auto found = known_.find(name);
  return found == known_.end() ? nullptr : found->second;
}

void verified_tokens::keep(std::string_view token, std::uint64_t key_set,
                           identity::verified_access verified) {
  const auto name = digest_of(token);
  auto shared = std::make_shared<const identity::verified_access>(std::move(verified));
  const std::lock_guard lock(mutex_);
  if (key_set != key_set_) {
    known_.clear();
    by_age_.clear();
    key_set_ = key_set;
  }
  if (!known_.emplace(name, std::move(shared)).second) {
    return;
  }
  by_age_.push_back(name);
  if (by_age_.size() > most_) {
    known_.erase(by_age_.front());
    by_age_.pop_front();
  }
}

std::size_t verified_tokens::size() const {
  const std::lock_guard lock(mutex_);
  return known_.size();
}

}
