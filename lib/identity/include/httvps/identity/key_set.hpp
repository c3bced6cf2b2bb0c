#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "httvps/base/clock.hpp"
#include "httvps/base/error.hpp"
#include "httvps/identity/claims.hpp"
#include "httvps/identity/signing_key.hpp"

namespace httvps::identity {

struct key_set_check {
  public_key root;
  base::system_time now;
  std::uint64_t least_version = 0;
};

enum class key_standing { current, retired };

struct listed_key {
  public_key key;
  key_standing standing = key_standing::current;

  bool operator==(const listed_key&) const = default;
};

class key_set {
 public:
  static base::result<key_set> verify(std::string_view token, const key_set_check& check);
  base::result<> replace(std::string_view token, base::system_time now);

  base::result<listed_key> find(std::string_view key_id, base::system_time now) const;
  std::uint64_t version() const noexcept { return claims_.version; }
  base::system_time not_after() const noexcept { return claims_.not_after; }
  const public_key& root() const noexcept { return root_; }
  const std::string& token() const noexcept { return token_; }
  const key_set_claims& claims() const noexcept { return claims_; }

 private:
  key_set(const public_key& root, std::string token, key_set_claims claims)
      : root_(root), token_(std::move(token)), claims_(std::move(claims)) {}

  public_key root_;
  std::string token_;
  key_set_claims claims_;
};

}
