#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "httvps/base/clock.hpp"
#include "httvps/base/error.hpp"
#include "httvps/identity/claims.hpp"
#include "httvps/identity/key_set.hpp"
#include "httvps/identity/signing_key.hpp"

namespace httvps::identity {

enum class context { key_set, access_token, ticket, config, policy };

std::string_view to_text(context purpose) noexcept;
std::size_t document_limit(context purpose) noexcept;

inline constexpr std::chrono::seconds clock_tolerance = std::chrono::minutes(2);

class expiry_grace {
 public:
  static constexpr expiry_grace none() noexcept { return expiry_grace({}); }
  static constexpr expiry_grace live_session() noexcept {
    return expiry_grace(std::chrono::minutes(10));
  }
  static constexpr expiry_grace offline(std::chrono::seconds without_backend) noexcept {
    constexpr std::chrono::seconds longest = std::chrono::hours(24);
    return expiry_grace(without_backend < longest ? without_backend : longest);
  }
  static constexpr expiry_grace renewal() noexcept {
    return expiry_grace(std::chrono::hours(24 * 30));
  }
  constexpr std::chrono::seconds length() const noexcept { return length_; }

 private:
  explicit constexpr expiry_grace(std::chrono::seconds length) noexcept
      : length_(length < std::chrono::seconds(0) ? std::chrono::seconds(0) : length) {}

  std::chrono::seconds length_;
};

struct document_check {
  const key_set& keys;
  base::system_time now;
  expiry_grace grace = expiry_grace::none();
};

struct verified_access {
  access_claims claims;
  std::chrono::seconds expired_since{0};
  key_standing signer = key_standing::current;
};

base::result<std::string> sign_document(const signing_key& key, const access_claims& claims);
base::result<std::string> sign_document(const signing_key& key, const ticket_claims& claims);
base::result<std::string> sign_document(const signing_key& key, const config_claims& claims);
base::result<std::string> sign_document(const signing_key& root, const key_set_claims& claims);

base::result<verified_access> judge_access_times(verified_access known,
                                                 const document_check& check);
base::result<verified_access> verify_access_token(std::string_view token,
                                                  const document_check& check);
base::result<ticket_claims> verify_ticket(std::string_view token, const document_check& check);
base::result<config_claims> verify_config(std::string_view token, const document_check& check);

}
