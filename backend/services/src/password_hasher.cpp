#include "httvps/backend/services/password_hasher.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "httvps/backend/services/errc.hpp"
#include "httvps/base/scope_exit.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::string_view nobodys_password = "nobody has this password";

}

password_hasher::password_hasher(const password_cost& chosen)
    : chosen_(chosen), lanes_(std::clamp<std::ptrdiff_t>(chosen.at_once, 1, most_password_lanes)) {
  nobody_ = hash_now(base::secret_bytes::from_text(nobodys_password)).value_or("");
}

base::result<std::string> password_hasher::hash_now(const base::secret_bytes& password) {
  const auto text = password.reveal_text();
  std::array<char, crypto_pwhash_argon2id_STRBYTES> made{};
  if (sodium_init() < 0 || crypto_pwhash_argon2id_str(made.data(), text.data(), text.size(),
                                                      chosen_.passes, chosen_.memory) != 0) {
    return base::fail(errc::password_not_hashed);
  }
  return std::string(made.data());
}

base::result<std::string> password_hasher::hash(const base::secret_bytes& password) {
  if (!lanes_.try_acquire()) {
    return base::fail(errc::passwords_busy);
  }
  const base::scope_exit leave([this] { lanes_.release(); });
  ++runs_;
  return hash_now(password);
}

base::result<bool> password_hasher::verify(const std::string& stored,
                                           const base::secret_bytes& password) {
  if (!lanes_.try_acquire()) {
    return base::fail(errc::passwords_busy);
  }
  const base::scope_exit leave([this] { lanes_.release(); });
  ++runs_;
  const auto text = password.reveal_text();
  return crypto_pwhash_argon2id_str_verify(stored.c_str(), text.data(), text.size()) == 0;
}

base::result<> password_hasher::verify_nothing(const base::secret_bytes& password) {
  HTTVPS_TRY(const auto fits, verify(nobody_, password));
  static_cast<void>(fits);
  return {};
}

}
