#pragma once

#include <string>

#include "httvps/backend/core/settings.hpp"
#include "httvps/backend/services/bootstrap.hpp"
#include "httvps/backend/services/field_cipher.hpp"
#include "httvps/base/random.hpp"

namespace httvps::backend::core {

base::result<> ensure_secret_key(const backend_settings& chosen, base::random_source& random);
base::result<services::key_ring> load_key_ring(const backend_settings& chosen);
base::result<services::field_cipher> open_field_cipher(const backend_settings& chosen,
                                                       base::random_source& random);

class admin_token_file final : public services::admin_token_keeper {
 public:
  explicit admin_token_file(std::string path) : path_(std::move(path)) {}

  base::result<std::optional<base::secret_bytes>> load() override;
  base::result<> save(const base::secret_bytes& token) override;

 private:
  std::string path_;
};

}
