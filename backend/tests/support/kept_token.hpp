#pragma once

#include <optional>

#include "httvps/backend/services/bootstrap.hpp"

namespace httvps::backend::test_support {

class kept_token final : public services::admin_token_keeper {
 public:
  base::result<std::optional<base::secret_bytes>> load() override { return kept; }
  base::result<> save(const base::secret_bytes& token) override {
    kept = token;
    return {};
  }
  std::optional<base::secret_bytes> kept;
};

}
