#pragma once

#include <optional>
#include <string>

#include "httvps/backend/services/password_hasher.hpp"
#include "httvps/backend/services/service_tools.hpp"

namespace httvps::backend::services {

struct new_admin {
  std::string name;
  models::admin_role role = models::admin_role::read_only;
  base::secret_bytes password;
};

struct admin_amendment {
  std::optional<std::string> name = {};
  std::optional<models::admin_role> role = {};
  std::optional<models::admin_state> state = {};
  std::optional<base::secret_bytes> password = {};
};

class admin_service {
 public:
  admin_service(const service_tools& tools, password_hasher& passwords)
      : tools_(tools), passwords_(passwords) {}

  base::result<models::admin> create(const admin_actor& actor, const new_admin& wanted) const;
  base::result<models::page<models::admin>> list(const models::page_request& wanted) const;
  base::result<models::admin> find(const models::admin_id& id) const;
  base::result<models::admin> amend(const admin_actor& actor, const models::admin_id& id,
                                    const admin_amendment& wanted) const;
  base::result<models::admin> reset_totp(const admin_actor& actor,
                                         const models::admin_id& id) const;
  base::result<> remove(const admin_actor& actor, const models::admin_id& id) const;

 private:
  base::result<> require_schema() const;

  service_tools tools_;
  password_hasher& passwords_;
};

}
