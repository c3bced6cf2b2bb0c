#pragma once

#include <optional>
#include <vector>

#include "httvps/backend/models/administration.hpp"
#include "httvps/backend/models/audit.hpp"
#include "httvps/base/error.hpp"

namespace httvps::backend::services {

inline constexpr std::uint32_t audit_chain_schema = 11;

class audit_chain_repository {
 public:
  virtual ~audit_chain_repository() = default;
  virtual base::result<> append(const models::audit_line& line) = 0;
  virtual base::result<models::page<models::audit_line>> newest(
      const models::audit_filter& filter) = 0;
  virtual base::result<std::vector<models::audit_line>> following(
      const models::audit_span& span) = 0;
  virtual base::result<std::optional<std::int64_t>> first_since(base::system_time moment) = 0;
  virtual base::result<> remove_through(std::int64_t seq) = 0;
};

}
