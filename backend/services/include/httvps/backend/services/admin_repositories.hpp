#pragma once

#include <optional>
#include <string_view>

#include "httvps/backend/models/admin_token.hpp"
#include "httvps/backend/services/repository.hpp"

namespace httvps::backend::services {

inline constexpr std::uint32_t admin_tokens_schema = 9;

struct admin_token_filter {
  std::optional<models::admin_id> owner = {};
  models::page_request wanted = {};
};

struct admin_token_use {
  models::admin_token_id token;
  base::system_time at;
};

class admin_token_repository : public repository<models::admin_token, models::admin_token_id> {
 public:
  virtual base::result<std::optional<models::admin_token>> find_by_hash(std::string_view hash) = 0;
  virtual base::result<models::page<models::admin_token>> list(
      const admin_token_filter& filter) = 0;
  virtual base::result<> note_use(const admin_token_use& use) = 0;
  virtual base::result<> forget_before(base::system_time moment) = 0;
};

}
