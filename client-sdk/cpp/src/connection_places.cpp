#include "connection_places.hpp"

namespace httvps::sdk {

std::shared_ptr<void> connection_places::take() {
  ++state_->taken;
  return {state_.get(), [shared = state_](void*) {
            --shared->taken;
            if (shared->tell) {
              shared->tell();
            }
          }};
}

}
