#include "declare.hpp"

namespace httvps::ctl {
namespace {

void declare_local(CLI::App& program, const command_tree& tree, const local_entry& entry,
                   parsed_line& line) {
  auto* at = group_in(program, entry.group)
                 .add_subcommand(std::string(entry.verb), std::string(entry.summary));
  std::function<outcome<>()> run;
  switch (entry.kind) {
    case local_command::login:
      at->add_option("--name", line.local.login_name, "Name of the account")->type_name("NAME");
      run = [&line] { return run_login(line.globals, line.local); };
      break;
    case local_command::logout:
      run = [&line] { return run_logout(line.globals); };
      break;
    case local_command::whoami:
      run = [&line] { return run_whoami(line.globals); };
      break;
    case local_command::commands:
      run = [&line, &tree] { return run_commands(tree, line.globals.form); };
      break;
  }
  at->callback([&line, run] { line.run = run; });
}

}

void declare_locals(CLI::App& program, const command_tree& tree, parsed_line& line) {
  for (const auto& entry : local_commands()) {
    declare_local(program, tree, entry, line);
  }
}

}
