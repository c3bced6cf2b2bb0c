#pragma once

#include <string>

#include "api_world.hpp"

namespace httvps::backend::test_support {

inline constexpr std::string_view chosen_password = "correct horse battery";

class login_world : public api_world {
 public:
  models::admin add_account(const std::string& name = "Ada",
                            models::admin_role role = models::admin_role::support);
  api_reply login(const std::string& name, std::string_view password, const std::string& code = {},
                  const std::string& peer = "192.0.2.9") const;
  std::string session_of(const std::string& name = "Ada") const;
  api_reply ask(const std::string& token, const std::string& tail = "me") const;
  api_reply act(const std::string& token, const std::string& tail,
                const std::string& body = {}) const;
  models::admin stored(const models::admin_id& id) const;
  base::secret_bytes totp_secret_of(const models::admin_id& id) const;
  std::string totp_code_of(const models::admin_id& id) const;
};

}
