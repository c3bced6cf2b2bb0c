#include "declare.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace httvps::ctl {
namespace {

output_form form_named(std::string_view name) {
  if (name == "json") {
    return output_form::json;
  }
  return name == "yaml" ? output_form::yaml : output_form::table;
}

std::string type_of(const field& one) {
  if (!one.choices.empty()) {
    return "WORD";
  }
  switch (one.kind) {
    case value_kind::whole:
    case value_kind::number:
      return "NUMBER";
    case value_kind::flag:
      return "BOOL";
    default:
      return one.format == "date-time" ? "TIME" : "TEXT";
  }
}

void declare_field(CLI::App& at, const field& one, parsed_line& line) {
  if (one.kind == value_kind::structure) {
    return;
  }
  if (one.is_secret()) {
    at.add_option(
          fmt::format("--{}-file", one.flag), line.order.secret_files[one.flag],
          fmt::format("File that holds it, or - for the standard input; {}", describe_field(one)))
        ->type_name("FILE");
    return;
  }
  auto* option = at.add_option(
      fmt::format("--{}", one.flag),
      [&line, flag = one.flag, kind = one.kind](const CLI::results_t& given) {
        const bool is_bare = kind == value_kind::flag && given == CLI::results_t{""};
        line.order.given.flags[flag] = is_bare ? CLI::results_t{"true"} : given;
        return true;
      },
      describe_field(one));
  option->type_name(type_of(one));
  if (one.kind == value_kind::flag) {
    option->expected(0, 1);
  }
  if (one.is_list) {
    option->expected(1, CLI::detail::expected_max_vector_size)->allow_extra_args(false);
  }
}

std::string nested_of(const operation& runs) {
  std::string names;
  for (const auto& one : runs.body) {
    if (one.kind == value_kind::structure) {
      names += fmt::format("{}{}", names.empty() ? "; only here: " : ", ", one.name);
    }
  }
  return names;
}

void declare_body(CLI::App& at, const operation& runs, parsed_line& line) {
  for (const auto& one : runs.body) {
    declare_field(at, one, line);
  }
  at.add_option("--data", line.order.data_file,
                "JSON object to send, from a file or - for the standard input; flags win over it" +
                    nested_of(runs))
      ->type_name("FILE");
  if (std::ranges::any_of(runs.body, &field::is_nullable)) {
    at.add_option("--unset", line.order.given.unset, "Field to take away (sends null)")
        ->allow_extra_args(false)
        ->type_name("FIELD");
  }
}

void declare_names(CLI::App& at, const operation& runs, parsed_line& line) {
  line.order.given.names.reserve(8);
  for (const auto& name : runs.path_names) {
    at.add_option_function<std::string>(
          name, [&line](const std::string& text) { line.order.given.names.push_back(text); },
          "Id of what is meant")
        ->required()
        ->check([](const std::string& text) {
          return text.empty() ? std::string("An id is not empty.") : std::string();
        });
  }
}

}

void declare_globals(CLI::App& program, global_options& chosen) {
  program
      .add_option("--server", chosen.server,
                  "Address of the backend, such as https://control.example "
                  "(HTTVPS_ADMIN_SERVER, or the profile's)")
      ->type_name("URL");
  program.add_option("--profile", chosen.profile_name, "Profile in ctl.json")
      ->type_name("NAME")
      ->capture_default_str();
  program.add_option("--ca-file", chosen.ca_file, "PEM file of the authority to trust")
      ->type_name("FILE");
  program
      .add_option("--token-file", chosen.token_file,
                  "File, mode 0600, that holds the token (HTTVPS_ADMIN_TOKEN, or the profile's)")
      ->type_name("FILE");
  program.add_flag_callback(
      "--insecure-http", [&chosen] { chosen.plain = plain_http::anywhere; },
      "Allow plain http to another machine: the network sees the token");
  program
      .add_option_function<std::string>(
          "-o,--output", [&chosen](const std::string& name) { chosen.form = form_named(name); },
          "table, json or yaml")
      ->check(CLI::IsMember({"table", "json", "yaml"}))
      ->type_name("FORM");
  program.add_option("--timeout", chosen.patience_s, "Seconds to wait for an answer")
      ->check(CLI::Range(1, 600))
      ->type_name("SECONDS")
      ->capture_default_str();
}

CLI::App& group_in(CLI::App& program, std::string_view group) {
  if (group.empty()) {
    return program;
  }
  const std::string name(group);
  for (auto* known : program.get_subcommands([](const CLI::App*) { return true; })) {
    if (known->get_name() == name) {
      return *known;
    }
  }
  auto* made = program.add_subcommand(name, summary_of_group(group));
  made->require_subcommand(1);
  return *made;
}

void declare_operation(CLI::App& group, const command_tree& tree, const command& one,
                       parsed_line& line) {
  auto summary = one.runs.summary;
  if (!one.runs.role.empty()) {
    summary += fmt::format(" Role: {}.", one.runs.role);
  }
  auto* at = group.add_subcommand(one.verb, summary);
  declare_names(*at, one.runs, line);
  for (const auto& parameter : one.runs.query) {
    declare_field(*at, parameter, line);
  }
  if (one.runs.takes_body) {
    declare_body(*at, one.runs, line);
  }
  if (one.runs.is_list) {
    at->add_flag_callback(
        "--all", [&line] { line.order.pages = paging::all_pages; }, "Every page, not the first");
  }
  if (one.runs.match != match_rule::none) {
    at->add_option("--if-match", line.order.given.if_match,
                   "ETag that it must still have (default: that of now)")
        ->type_name("ETAG");
  }
  if (one.runs.takes_idempotency_key) {
    at->add_option("--idempotency-key", line.order.given.idempotency_key,
                   "Key under which a repeat gets the first answer (default: a random one)")
        ->type_name("KEY");
  }
  if (one.group == "enrol" && one.verb == "link") {
    at->add_flag_callback(
        "--qr", [&line] { line.order.link = link_form::qr; }, "Draw the link as a QR code too");
  }
  at->callback([&line, &tree, &one] {
    line.order.chosen = &one;
    line.run = [&line, &tree] { return run_operation(tree, line.order, line.globals); };
  });
}

void declare_commands(CLI::App& program, const command_tree& tree, parsed_line& line) {
  for (const auto& one : tree.commands) {
    if (!one.group.empty()) {
      declare_operation(group_in(program, one.group), tree, one, line);
    }
  }
}

}
