#include "httvps/backend/selection/health.hpp"

namespace httvps::backend::selection {

health health_after(base::duration silence) noexcept {
  if (silence >= gone_after) {
    return health::gone;
  }
  if (silence >= out_after) {
    return health::out;
  }
  return silence >= suspect_after ? health::suspect : health::healthy;
}

}
