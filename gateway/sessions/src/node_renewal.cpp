#include "httvps/gateway/sessions/admission.hpp"

namespace httvps::gateway {

net::task<> admission_desk::renew_node(std::string device_id, std::string token) {
  auto& environment = parts_.environment;
  HTTVPS_CO_TRY(const auto assigned,
                co_await environment.control.assign(std::move(token), parts_.region));
  co_return nodes_.learn(device_id, assigned, environment.clock.steady_now());
}

}
