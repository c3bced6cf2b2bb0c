#pragma once

#include <string>

#include "httvps/backend/core/settings.hpp"
#include "httvps/base/error.hpp"

namespace httvps::backend {

struct rescue_choices {
  std::string name;
  std::string password_file;
};

base::result<> run_reset_admin(const rescue_choices& chosen,
                               const core::backend_settings& settings);
base::result<> run_unlock(const rescue_choices& chosen, const core::backend_settings& settings);

}
