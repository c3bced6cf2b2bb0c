#pragma once

#include "run_operation.hpp"

namespace httvps::ctl {

enum class tail_end { stop, follow };

struct usage_order {
  std::string by = "device_id";
  std::string first_day;
  std::string last_day;
  std::uint32_t most = 10;
};

struct local_orders {
  std::string login_name;
  std::string shell;
  std::uint32_t tail_lines = 20;
  tail_end follows = tail_end::stop;
  usage_order usage;
};

std::string to_size(std::int64_t bytes);
json::array top_of(const json::array& items, const usage_order& order, output_form form);

outcome<> run_login(const global_options& chosen, const local_orders& order);
outcome<> run_logout(const global_options& chosen);
outcome<> run_whoami(const global_options& chosen);
outcome<> run_commands(const command_tree& tree, output_form form);
outcome<> run_completion(const local_orders& order);
outcome<> run_audit_tail(const global_options& chosen, const local_orders& order);
outcome<> run_audit_verify(const global_options& chosen);
outcome<> run_usage_top(const command_tree& tree, const global_options& chosen,
                        const usage_order& order);
outcome<> run_doctor(const command_tree& tree, const global_options& chosen);

}
