#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "httvps/backend/services/store.hpp"
#include "httvps/base/random.hpp"

namespace httvps::backend::services {

struct lease_claim {
  std::string name;
  std::string holder;
  std::chrono::seconds term{15};
};

std::string make_holder_name(base::random_source& random);
base::result<std::optional<worker_lease>> take_lease(repositories& tables, const lease_claim& claim,
                                                     base::system_time now);
base::result<> keep_lease(repositories& tables, const worker_lease& held, base::system_time now);

}
