#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "httvps/backend/models/credential.hpp"
#include "httvps/backend/services/service_tools.hpp"

namespace httvps::backend::services {

struct credential_owner {
  models::credential_kind kind = models::credential_kind::gateway;
  std::string id;
};

credential_owner owner_of(const models::gateway_id& id);
credential_owner owner_of(const models::node_id& id);

struct issued_credential {
  base::secret_bytes text;
  models::credential record;
};

struct credential_ages {
  std::chrono::seconds oldest{0};
  std::optional<std::chrono::seconds> nearest_end = {};
};

struct credential_survey {
  credential_ages gateways;
  credential_ages nodes;
};

class credential_service {
 public:
  explicit credential_service(const service_tools& tools) : tools_(tools) {}

  bool is_due(const models::credential& shown) const noexcept;
  base::result<issued_credential> renew(const models::credential& shown,
                                        const change_author& by) const;
  base::result<models::credential> ask_renewal(const admin_actor& actor,
                                               const credential_owner& owner) const;
  base::result<models::credential> revoke(const admin_actor& actor,
                                          const credential_owner& owner) const;
  base::result<issued_credential> replace(const admin_actor& actor,
                                          const credential_owner& owner) const;
  base::result<models::page<models::credential>> list(const models::page_request& wanted) const;
  base::result<credential_survey> survey() const;

 private:
  service_tools tools_;
};

}
