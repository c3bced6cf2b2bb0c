#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "httvps/backend/services/field_cipher.hpp"
#include "httvps/backend/services/signing_history.hpp"
#include "httvps/backend/services/store.hpp"
#include "httvps/base/clock.hpp"
#include "httvps/base/random.hpp"
#include "httvps/identity/device_proof.hpp"
#include "httvps/identity/document.hpp"
#include "httvps/identity/key_set.hpp"
#include "httvps/identity/policy.hpp"
#include "httvps/identity/signing_key.hpp"

namespace httvps::backend::services {

struct authority_parts {
  store& storage;
  field_cipher cipher;
  const base::clock& clock;
  base::random_source& random;
  std::chrono::hours term = signing_key_term;
};

enum class rotation_wish;

class signing_authority {
 public:
  static base::result<signing_authority> open(const authority_parts& parts,
                                              identity::signing_key root);
  signing_authority(signing_authority&&) noexcept;
  signing_authority& operator=(signing_authority&&) noexcept;
  ~signing_authority();

  std::string root_public() const;
  std::string root_key_id() const;
  std::string key_set_text() const;
  std::uint64_t key_set_version() const;
  base::system_time key_set_end() const;
  signing_history history() const;
  base::system_time next_rotation() const;
  base::result<> refresh();
  base::result<> tend();
  base::result<> rotate(const transaction& also);
  void use_term(std::chrono::hours term);

  base::result<std::string> sign(const identity::access_claims& claims) const;
  base::result<std::string> sign(const identity::ticket_claims& claims) const;
  base::result<std::string> sign(const identity::config_claims& claims) const;
  base::result<std::string> sign(const identity::policy_claims& claims) const;

  base::result<identity::verified_access> verify_token(std::string_view token,
                                                       identity::expiry_grace grace) const;
  base::result<identity::ticket_claims> verify_ticket(std::string_view ticket) const;
  base::result<identity::verified_access> verify_proof(std::string_view header,
                                                       const identity::request_to_prove& request,
                                                       std::string_view attempt = {}) const;

 private:
  struct state;
  base::result<> settle(rotation_wish wish, const transaction& also);
  explicit signing_authority(std::unique_ptr<state> made) noexcept;

  std::unique_ptr<state> state_;
};

}
