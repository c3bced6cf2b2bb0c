#include "httvps/backend/services/failpoints.hpp"

#include "httvps/backend/services/errc.hpp"
#include "httvps/base/failpoint.hpp"

namespace httvps::backend::services::usage_failpoint {

base::result<> pass(std::string_view point) {
  return base::reach_failpoint(point) == base::failpoint_outcome::drop
             ? base::fail(errc::storage_busy)
             : base::result<>();
}

}
