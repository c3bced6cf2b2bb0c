#include "completion.hpp"
#include "declare.hpp"

namespace httvps::ctl {
namespace {

void declare_tail(CLI::App& at, local_orders& order) {
  at.add_option("-n,--lines", order.tail_lines, "Lines to begin with")
      ->check(CLI::Range(1, 1000))
      ->type_name("NUMBER")
      ->capture_default_str();
  at.add_flag_callback(
      "-f,--follow", [&order] { order.follows = tail_end::follow; }, "Go on as lines come");
}

void declare_top(CLI::App& at, usage_order& order) {
  at.add_option("--by", order.by, "What to sum up by")
      ->check(CLI::IsMember({"device_id", "node_id", "day"}))
      ->type_name("FIELD")
      ->capture_default_str();
  at.add_option("--first-day", order.first_day, "First day, UTC")->type_name("YYYY-MM-DD");
  at.add_option("--last-day", order.last_day, "Last day, UTC")->type_name("YYYY-MM-DD");
  at.add_option("--most", order.most, "Rows at most")
      ->check(CLI::Range(1, 1000))
      ->type_name("NUMBER")
      ->capture_default_str();
}

void declare_options(CLI::App& at, local_command kind, local_orders& order) {
  if (kind == local_command::login) {
    at.add_option("--name", order.login_name, "Name of the account")->type_name("NAME");
  } else if (kind == local_command::completion) {
    at.add_option("shell", order.shell, "bash, zsh or fish")->required();
  } else if (kind == local_command::audit_tail) {
    declare_tail(at, order);
  } else if (kind == local_command::usage_top) {
    declare_top(at, order.usage);
  }
}

outcome<> run_local(local_command kind, const command_tree& tree, const parsed_line& line) {
  switch (kind) {
    case local_command::login:
      return run_login(line.globals, line.local);
    case local_command::logout:
      return run_logout(line.globals);
    case local_command::whoami:
      return run_whoami(line.globals);
    case local_command::doctor:
      return run_doctor(tree, line.globals);
    case local_command::commands:
      return run_commands(tree, line.globals.form);
    case local_command::completion:
      return run_completion(line.local);
    case local_command::audit_tail:
      return run_audit_tail(line.globals, line.local);
    case local_command::audit_verify:
      return run_audit_verify(line.globals);
    case local_command::usage_top:
      return run_usage_top(tree, line.globals, line.local.usage);
  }
  return {};
}

}

outcome<> run_completion(const local_orders& order) {
  HTTVPS_TRY(const auto script, completion_script(order.shell));
  say(script);
  return {};
}

void declare_locals(CLI::App& program, const command_tree& tree, parsed_line& line) {
  for (const auto& entry : local_commands()) {
    auto* at = group_in(program, entry.group)
                   .add_subcommand(std::string(entry.verb), std::string(entry.summary));
    declare_options(*at, entry.kind, line.local);
    at->callback([&line, &tree, kind = entry.kind] {
      line.run = [&line, &tree, kind] { return run_local(kind, tree, line); };
    });
  }
}

}
