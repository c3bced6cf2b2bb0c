#pragma once

#include <string>

#include "httvps/backend/core/settings.hpp"

namespace httvps::backend {

struct keyring_order {
  std::string action;
  std::string name;
};

base::result<> run_keyring(const keyring_order& order, const core::backend_settings& chosen);

}
