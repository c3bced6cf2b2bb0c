#pragma once

#include <optional>
#include <string>

#include "httvps/backend/services/credential_service.hpp"

namespace httvps::backend::services {

struct credential_order {
  models::credential_kind kind = models::credential_kind::gateway;
  std::string owner;
  std::optional<std::string> follows = {};
};

bool has_credential_terms(const service_tools& tools) noexcept;
base::result<issued_credential> issue_credential(repositories& tables, const service_tools& tools,
                                                 const credential_order& wanted);

}
