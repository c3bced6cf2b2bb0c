#pragma once

#include <functional>
#include <optional>
#include <string>

#include "httvps/backend/services/store.hpp"
#include "httvps/base/clock.hpp"
#include "httvps/base/random.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::backend::services {

struct admin_token_parts {
  store& storage;
  const base::clock& clock;
  base::random_source& random;
};

class admin_token_keeper {
 public:
  virtual ~admin_token_keeper() = default;
  virtual base::result<std::optional<base::secret_bytes>> load() = 0;
  virtual base::result<> save(const base::secret_bytes& token) = 0;
};

enum class admin_token_origin { known, registered, created };

base::result<admin_token_origin> ensure_admin_token(const admin_token_parts& parts,
                                                    admin_token_keeper& keeper);

}
