#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "httvps/backend/models/admin.hpp"
#include "httvps/backend/models/admin_token.hpp"
#include "httvps/backend/services/repository.hpp"

namespace httvps::backend::services {

inline constexpr std::chrono::days expired_token_memory{90};

inline constexpr std::uint32_t admin_tokens_schema = 9;
inline constexpr std::uint32_t admins_schema = 10;

struct admin_token_filter {
  std::optional<models::admin_id> owner = {};
  models::page_request wanted = {};
};

struct admin_token_use {
  models::admin_token_id token;
  base::system_time at;
};

struct session_end {
  models::admin_id owner;
  std::optional<models::admin_token_id> except = {};
  base::system_time at;
};

class admin_token_repository : public repository<models::admin_token, models::admin_token_id> {
 public:
  virtual base::result<std::optional<models::admin_token>> find_by_hash(std::string_view hash) = 0;
  virtual base::result<models::page<models::admin_token>> list(
      const admin_token_filter& filter) = 0;
  virtual base::result<> end_sessions(const session_end& end) = 0;
  virtual base::result<> end_all(const models::admin_id& owner, base::system_time at) = 0;
  virtual base::result<> note_use(const admin_token_use& use) = 0;
  virtual base::result<> forget_before(base::system_time moment) = 0;
};

class admin_repository : public repository<models::admin, models::admin_id> {
 public:
  virtual base::result<std::optional<models::admin>> find_by_name(std::string_view name) = 0;
  virtual base::result<models::page<models::admin>> list(const models::page_request& wanted) = 0;
  virtual base::result<std::uint64_t> count_active(models::admin_role role) = 0;
  virtual base::result<> remove(const models::admin_id& id) = 0;
};

class recovery_code_repository {
 public:
  virtual ~recovery_code_repository() = default;
  virtual base::result<> insert(const models::recovery_code& code) = 0;
  virtual base::result<std::optional<models::recovery_code>> find(
      const models::recovery_code& named) = 0;
  virtual base::result<> mark_used(const models::recovery_code& code) = 0;
  virtual base::result<> remove_all(const models::admin_id& owner) = 0;
};

}
