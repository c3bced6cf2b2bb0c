#pragma once

#include <cstdint>
#include <string>

#include "httvps/backend/models/enrolment_code.hpp"
#include "httvps/backend/services/repository.hpp"

namespace httvps::backend::services {

inline constexpr std::uint32_t enrolment_code_schema = 19;

class enrolment_code_repository : public repository<models::enrolment_code, std::string> {
 public:
  virtual base::result<std::uint64_t> count_live(base::system_time now) = 0;
  virtual base::result<> forget_before(base::system_time moment) = 0;
};

}
