#pragma once

#include "httvps/backend/models/idempotency.hpp"
#include "httvps/backend/services/repository.hpp"

namespace httvps::backend::services {

inline constexpr std::uint32_t idempotency_schema = 14;

class idempotency_repository : public repository<models::idempotency_record, std::string> {
 public:
  virtual base::result<std::uint64_t> count_of(std::string_view actor) = 0;
  virtual base::result<> remove(std::string_view id) = 0;
  virtual base::result<> forget_before(base::system_time moment) = 0;
};

}
