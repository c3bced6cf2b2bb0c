#include "program.hpp"

#include <cstdio>

#include "completion.hpp"
#include "declare.hpp"
#include "host_program.hpp"

namespace httvps::ctl {
namespace {

constexpr const char* footer =
    "Ids come behind the verb; fields are flags. Lists show the first page; --all fetches every "
    "page.\nThe profile is $XDG_CONFIG_HOME/httvps/ctl.json, mode 0600. Tokens come from it, from "
    "HTTVPS_ADMIN_TOKEN\nor from --token-file, never from the command line.\n\n"
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found; backup, restore, backup-key, "
    "migrate, keyring\nand rescue end with those of httvps-backend.";

int tell(const complaint& reason) {
  warn(reason.text);
  return static_cast<int>(reason.code);
}

int print_completions(const command_tree& tree, const std::vector<std::string>& words) {
  for (const auto& one : complete(tree, words)) {
    say(one);
  }
  return 0;
}

int run_on_host(const host_command& wanted, std::span<const char* const> options) {
  const auto failed = become_backend(wanted, options);
  return tell(failed.error());
}

void list_host_commands(CLI::App& program, parsed_line& line) {
  for (const auto& one : host_commands()) {
    auto* at = program.add_subcommand(std::string(one.name), std::string(one.summary));
    at->allow_extras();
    at->callback([&line, &one] {
      line.run = [&one] {
        return usage_error("Write " + std::string(one.name) + " first, its options behind it.");
      };
    });
  }
}

int run_parsed(const parsed_line& line) {
  auto ended = line.run();
  if (ended) {
    ended = flush_output();
  }
  return ended ? 0 : tell(ended.error());
}

}

int run_program(int count, const char* const* words) {
  use_utf8();
  auto operations = read_operations(embedded_document());
  if (!operations) {
    return tell(operations.error());
  }
  const auto tree = derive_commands(*std::move(operations));
  if (!tree) {
    return tell(tree.error());
  }
  if (count > 1 && words[1] == completion_word) {
    return print_completions(*tree, {words + 2, words + count});
  }
  if (const auto* on_host = count > 1 ? find_host_command(words[1]) : nullptr) {
    return run_on_host(*on_host, {words + 2, words + count});
  }
  parsed_line line;
  CLI::App program("httvpsctl: administration of HTTVPS over the admin REST API", "httvpsctl");
  program.set_version_flag("--version", "httvpsctl " HTTVPS_VERSION, "Show the version and exit");
  program.set_help_flag("-h,--help", "Show this help and exit");
  program.require_subcommand(1);
  program.fallthrough();
  program.footer(footer);
  declare_globals(program, line.globals);
  declare_locals(program, *tree, line);
  list_host_commands(program, line);
  declare_commands(program, *tree, line);
  try {
    program.parse(count, words);
  } catch (const CLI::ParseError& stopped) {
    const bool asked_for = program.exit(stopped) == 0;
    return static_cast<int>(asked_for ? exit_code::done : exit_code::wrong_usage);
  }
  return run_parsed(line);
}

}
