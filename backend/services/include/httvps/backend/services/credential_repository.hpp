#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "httvps/backend/models/administration.hpp"
#include "httvps/backend/models/gateway.hpp"
#include "httvps/base/error.hpp"

namespace httvps::backend::services {

inline constexpr std::uint32_t credential_term_schema = 23;

class credential_repository {
 public:
  virtual ~credential_repository() = default;
  virtual base::result<> insert(const models::credential& credential) = 0;
  virtual base::result<std::optional<models::credential>> find(std::string_view hash) = 0;
  virtual base::result<std::optional<models::credential>> find_leading(std::string_view owner) = 0;
  virtual base::result<models::page<models::credential>> list_leading(
      const models::page_request& wanted) = 0;
  virtual base::result<> mark_used(const models::credential& credential) = 0;
  virtual base::result<> end_followed(const models::credential& by, base::system_time end) = 0;
  virtual base::result<> ask_renewal(std::string_view owner, base::system_time now) = 0;
  virtual base::result<> revoke_all(std::string_view owner, base::system_time now) = 0;
  virtual base::result<> remove_others(const models::credential& kept) = 0;
  virtual base::result<> remove_unused(std::string_view owner) = 0;
  virtual base::result<> remove_all(std::string_view owner) = 0;
};

}
