#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "httvps/backend/services/service_tools.hpp"

namespace httvps::backend::services {

inline constexpr std::chrono::days usual_token_life{90};

struct new_admin_token {
  std::string name;
  models::admin_role role = models::admin_role::read_only;
  std::vector<std::string> scopes = {};
  std::chrono::seconds valid = usual_token_life;
};

struct created_admin_token {
  models::admin_token token;
  base::secret_bytes secret;
};

class admin_token_service {
 public:
  explicit admin_token_service(const service_tools& tools) : tools_(tools) {}

  base::result<created_admin_token> create(const admin_actor& actor,
                                           const new_admin_token& wanted) const;
  base::result<models::page<models::admin_token>> list(const admin_actor& actor,
                                                       const models::page_request& wanted) const;
  base::result<models::admin_token> find(const admin_actor& actor,
                                         const models::admin_token_id& id) const;
  base::result<models::admin_token> rename(const admin_actor& actor,
                                           const models::admin_token_id& id,
                                           const std::optional<std::string>& name) const;
  base::result<models::admin_token> revoke(const admin_actor& actor,
                                           const models::admin_token_id& id) const;
  base::result<> forget_old_sessions() const;

 private:
  base::result<> require_schema() const;
  base::result<models::admin_token> visible(repositories& tables, const admin_actor& actor,
                                            const models::admin_token_id& id) const;

  service_tools tools_;
};

}
