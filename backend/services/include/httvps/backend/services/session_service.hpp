#pragma once

#include <string>
#include <vector>

#include "httvps/backend/services/password_hasher.hpp"
#include "httvps/backend/services/service_tools.hpp"

namespace httvps::backend::services {

inline constexpr std::size_t recovery_codes_each = 10;

struct login_order {
  std::string name;
  base::secret_bytes password;
  std::string code = {};
  std::string request_id = {};
  std::string address = {};
};

struct opened_session {
  models::admin account;
  base::secret_bytes token;
  base::system_time expires_at;
};

struct password_change {
  base::secret_bytes present;
  base::secret_bytes fresh;
};

struct totp_enrolment {
  base::secret_bytes secret;
  base::secret_bytes link;
};

struct totp_removal {
  base::secret_bytes password;
  std::string code;
};

class session_service {
 public:
  session_service(const service_tools& tools, password_hasher& passwords)
      : tools_(tools), passwords_(passwords) {}

  base::result<opened_session> login(const login_order& wanted) const;
  base::result<> logout(const admin_actor& actor) const;
  base::result<models::admin> account(const admin_actor& actor) const;
  base::result<> change_password(const admin_actor& actor, const password_change& wanted) const;
  base::result<totp_enrolment> enrol_totp(const admin_actor& actor) const;
  base::result<std::vector<base::secret_bytes>> confirm_totp(const admin_actor& actor,
                                                             std::string_view code) const;
  base::result<> disable_totp(const admin_actor& actor, const totp_removal& wanted) const;

 private:
  base::result<> require_schema() const;
  base::result<models::admin> verified_account(const login_order& wanted) const;
  base::result<> check_own_password(const models::admin& account,
                                    const base::secret_bytes& password) const;
  base::result<> spend_code(repositories& tables, models::admin& account,
                            std::string_view code) const;
  base::result<> spend_recovery_code(repositories& tables, const models::admin& account,
                                     std::string_view code) const;
  base::result<opened_session> open_session(repositories& tables, const login_order& wanted,
                                            const models::admin& account) const;

  service_tools tools_;
  password_hasher& passwords_;
};

}
