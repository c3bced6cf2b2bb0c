#pragma once

#include "run_operation.hpp"

namespace httvps::ctl {

struct local_orders {
  std::string login_name;
};

outcome<> run_login(const global_options& chosen, const local_orders& order);
outcome<> run_logout(const global_options& chosen);
outcome<> run_whoami(const global_options& chosen);
outcome<> run_commands(const command_tree& tree, output_form form);

}
