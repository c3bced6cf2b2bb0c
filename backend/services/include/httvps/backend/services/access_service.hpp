#pragma once

#include <memory>
#include <string_view>

#include "httvps/backend/services/known_callers.hpp"
#include "httvps/backend/services/service_tools.hpp"

namespace httvps::backend::services {

enum class approval { required, not_required };

struct calling_node {
  models::node node;
  models::credential credential;
};

class access_service {
 public:
  explicit access_service(const service_tools& tools)
      : tools_(tools), callers_(std::make_shared<known_callers>()) {}

  base::result<admin_actor> admin(std::string_view token, std::string_view request_id) const;
  base::result<calling_gateway> gateway(std::string_view credential, approval wanted) const;
  base::result<calling_node> node(std::string_view credential) const;

 private:
  base::result<models::credential> owner_of(std::string_view credential,
                                            models::credential_kind kind) const;
  base::result<> check_term(const models::credential& shown) const;
  base::result<calling_gateway> gateway_behind(std::string_view credential) const;
  base::result<> note_first_use(models::credential credential) const;
  void note_use(const models::admin_token& token) const;

  service_tools tools_;
  std::shared_ptr<known_callers> callers_;
};

}
