#pragma once

#include <string>

#include "httvps/backend/services/password_hasher.hpp"
#include "httvps/backend/services/store.hpp"
#include "httvps/base/clock.hpp"
#include "httvps/base/random.hpp"

namespace httvps::backend::services {

struct rescue_parts {
  store& storage;
  const base::clock& clock;
  base::random_source& random;
};

class rescue_service {
 public:
  explicit rescue_service(const rescue_parts& parts) : parts_(parts) {}

  base::result<> reset_admin(const std::string& name, const base::secret_bytes& password,
                             password_hasher& passwords) const;
  base::result<> unlock(const std::string& name) const;

 private:
  base::result<> require_schema() const;
  base::result<> record(repositories& tables, models::audit_line line) const;

  rescue_parts parts_;
};

}
