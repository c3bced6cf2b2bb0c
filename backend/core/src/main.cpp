#include <fmt/format.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "audit_command.hpp"
#include "backup_command.hpp"
#include "copy_command.hpp"
#include "httvps/backend/core/application.hpp"
#include "httvps/backend/core/settings.hpp"
#include "httvps/backend/storage/errc.hpp"
#include "httvps/backend/storage/sql_store.hpp"
#include "httvps/base/core_dump.hpp"
#include "keyring_command.hpp"
#include "rescue_command.hpp"
#include "restore_command.hpp"

namespace httvps::backend {
namespace {

enum exit_code {
  fine = 0,
  failed = 1,
  bad_settings = 2,
  schema_refused = 3,
  not_opened = 4,
  audit_broken = 5,
  backup_refused = 6,
  target_refused = 7
};

struct choices {
  std::string config_file;
  std::string command = "serve";
  std::string migration;
  std::uint32_t target = 0;
  copy_choices copy;
  std::string key_name;
  rescue_choices rescue;
  backup_choices backup;
  restore_choices restore;
};

exit_code exit_code_of(const std::error_code& cause) {
  if (cause == storage::errc::schema_newer || cause == storage::errc::schema_older ||
      cause == storage::errc::schema_changed || cause == storage::errc::snapshot_newer) {
    return schema_refused;
  }
  if (says_backup_is_bad(cause)) {
    return backup_refused;
  }
  if (says_target_is_taken(cause)) {
    return target_refused;
  }
  if (cause == storage::errc::dsn_invalid || cause == base::errc::invalid_setting) {
    return bad_settings;
  }
  return cause == storage::errc::cannot_open ? not_opened : failed;
}

exit_code complain(const std::error_code& cause) {
  fmt::print(stderr, "httvps-backend: {} ({})\n", cause.message(), base::label_of(cause));
  return exit_code_of(cause);
}

base::settings load_settings(const choices& chosen, std::vector<base::setting_problem>& problems) {
  base::settings source(core::backend_properties());
  if (!chosen.config_file.empty()) {
    problems = source.read_file(chosen.config_file);
  }
  source.read_environment([](const char* name) -> const char* { return std::getenv(name); });
  return source;
}

exit_code report_problems(const std::vector<base::setting_problem>& problems) {
  for (const auto& problem : problems) {
    fmt::print(stderr, "httvps-backend: {}\n", problem.sentence);
  }
  return bad_settings;
}

base::result<std::unique_ptr<base::log_sink>> open_log(const core::backend_settings& chosen) {
  const base::log_sink::options options{.descriptor = 2, .threshold = chosen.log_level};
  if (chosen.log_file.empty()) {
    return std::make_unique<base::log_sink>(options);
  }
  return base::log_sink::open_file(chosen.log_file, options);
}

exit_code serve(const core::backend_settings& chosen) {
  const auto sink = open_log(chosen);
  if (!sink) {
    return complain(sink.error());
  }
  const base::logger log(sink->get(), "backend");
  auto prepared = core::application::prepare(chosen, log);
  if (!prepared) {
    log.error("start_failed", {{"code", prepared.error()}});
    return complain(prepared.error());
  }
  const auto served = (*prepared)->serve();
  if (!served) {
    log.error("serve_failed", {{"code", served.error()}});
    return complain(served.error());
  }
  return fine;
}

void print_migrations(const std::vector<storage::migration_report>& reports) {
  for (const auto& report : reports) {
    fmt::print("{:04} {} {}\n", report.version, report.name,
               report.state == storage::migration_state::applied ? "applied" : "waiting");
  }
}

base::result<> run_migration(const choices& chosen, storage::sql_store& store) {
  if (chosen.migration == "up") {
    HTTVPS_CHECK(store.migrate_up());
  }
  if (chosen.migration == "down") {
    HTTVPS_CHECK(store.migrate_down(chosen.target));
  }
  HTTVPS_TRY(const auto reports, store.migrations());
  print_migrations(reports);
  return {};
}

exit_code migrate(const choices& chosen, const core::backend_settings& settings) {
  const auto store = storage::sql_store::open(
      {.address = settings.database, .connections = 1, .patience = settings.database_patience});
  if (!store) {
    return complain(store.error());
  }
  const auto outcome = run_migration(chosen, **store);
  return outcome ? fine : complain(outcome.error());
}

exit_code verify(const core::backend_settings& settings) {
  const auto outcome = verify_audit(settings);
  if (!outcome) {
    return complain(outcome.error());
  }
  return *outcome == audit_outcome::whole ? fine : audit_broken;
}

exit_code describe_settings() {
  fmt::print("{}", base::settings(core::backend_properties()).describe_markdown());
  return fine;
}

bool names_a_key(const base::setting_problem& problem) {
  return problem.name == "backend.secret_key" || problem.name == "backend.root_key_file" ||
         problem.name == "backend.admin_token_file";
}

exit_code ended(const base::result<>& outcome) {
  return outcome ? fine : complain(outcome.error());
}

exit_code change_keyring(const choices& chosen, const core::backend_settings& settings) {
  return ended(run_keyring({.action = chosen.migration, .name = chosen.key_name}, settings));
}

exit_code rescue(const choices& chosen, const core::backend_settings& settings) {
  return ended(chosen.migration == "unlock" ? run_unlock(chosen.rescue, settings)
                                            : run_reset_admin(chosen.rescue, settings));
}

exit_code run_with(const choices& chosen, const core::backend_settings& settings) {
  if (chosen.command == "migrate") {
    return migrate(chosen, settings);
  }
  if (chosen.command == "keyring") {
    return change_keyring(chosen, settings);
  }
  if (chosen.command == "rescue") {
    return rescue(chosen, settings);
  }
  if (chosen.command == "backup") {
    return ended(run_backup(chosen.backup, settings));
  }
  if (chosen.command == "restore") {
    return ended(run_restore(chosen.restore, settings));
  }
  return chosen.command == "audit" ? verify(settings) : serve(settings);
}

exit_code copy(const choices& chosen) {
  std::vector<base::setting_problem> problems;
  const auto read = core::read_settings(load_settings(chosen, problems));
  return ended(run_copy(chosen.copy, read.chosen.database));
}

exit_code run(const choices& chosen) {
  if (chosen.command == "settings") {
    return describe_settings();
  }
  if (chosen.command == "migrate" && chosen.migration == "copy") {
    return copy(chosen);
  }
  if (chosen.command == "backup-key") {
    return ended(run_backup_key(chosen.backup));
  }
  if (chosen.command == "restore" && chosen.restore.purpose == restore_purpose::check) {
    return ended(run_restore_check(chosen.restore));
  }
  std::vector<base::setting_problem> problems;
  const auto source = load_settings(chosen, problems);
  auto read = core::read_settings(source);
  if (chosen.command != "serve") {
    std::erase_if(read.problems, [](const auto& one) { return names_a_key(one); });
  }
  problems.insert(problems.end(), read.problems.begin(), read.problems.end());
  if (!problems.empty()) {
    return report_problems(problems);
  }
  return run_with(chosen, read.chosen);
}

void declare_keyring(CLI::App& app, choices& chosen) {
  auto* ring = app.add_subcommand(
      "keyring", "Show or change the file of BACKEND_KEY_RING_FILE on this machine");
  ring->require_subcommand(1);
  ring->add_subcommand("show", "List the names of the keys and which one is active");
  ring->add_subcommand("add", "Make a key that opens but does not seal yet")
      ->add_option("--name", chosen.key_name, "Name of the key; today's date if left out");
  ring->add_subcommand("activate", "Seal with this key from now on")
      ->add_option("name", chosen.key_name, "Name of the key")
      ->required();
}

void declare_rescue(CLI::App& app, rescue_choices& chosen) {
  auto* rescue = app.add_subcommand("rescue", "Let an administrator in again, from this machine");
  rescue->require_subcommand(1);
  auto* reset = rescue->add_subcommand("reset-admin",
                                       "Give a new password, take TOTP off and end the sessions");
  reset->add_option("name", chosen.name, "Name of the administrator")->required();
  reset->add_option("--password-file", chosen.password_file,
                    "File, mode 0600, that holds the password; without it the terminal is asked");
  rescue->add_subcommand("unlock", "Make a disabled administrator active")
      ->add_option("name", chosen.name, "Name of the administrator")
      ->required();
}

void declare(CLI::App& app, choices& chosen) {
  app.add_option("--config", chosen.config_file, "JSON file with settings");
  app.require_subcommand(0, 1);
  app.add_subcommand("serve", "Serve the REST API (this is the default)");
  app.add_subcommand("settings", "Print every setting as a Markdown table");
  auto* migrate = app.add_subcommand("migrate", "Change or show the schema of the database");
  migrate->require_subcommand(1);
  migrate->add_subcommand("up", "Apply every migration that waits");
  migrate->add_subcommand("status", "List migrations");
  migrate->add_subcommand("down", "Take migrations back")
      ->add_option("--to", chosen.target, "Version to keep; 0 takes back all")
      ->required();
  declare_copy(*migrate, chosen.copy);
  declare_keyring(app, chosen);
  declare_rescue(app, chosen.rescue);
  declare_backup(app, chosen.backup);
  declare_restore(app, chosen.restore);
  auto* audit = app.add_subcommand("audit", "Look after the audit log");
  audit->require_subcommand(1);
  audit->add_subcommand("verify", "Check the chain of hashes and name the first broken line");
}

void note_choice(const CLI::App& app, choices& chosen) {
  for (const auto* command : app.get_subcommands()) {
    chosen.command = command->get_name();
    for (const auto* inner : command->get_subcommands()) {
      chosen.migration = inner->get_name();
    }
  }
}

}
}

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  ::umask(S_IRWXG | S_IRWXO);
  httvps::base::forbid_core_dumps_or_warn("httvps-backend");
  CLI::App app(
      "Control plane of HTTVPS. Exit codes: 0 fine, 1 failed, 2 settings, 3 the schema of the "
      "database or backup is newer, changed or too old, 4 the database cannot be opened, 5 the "
      "audit log is broken, 6 the backup is damaged, for another key or unproven, 7 the database "
      "to restore into is not empty or in use.",
      "httvps-backend");
  httvps::backend::choices chosen;
  httvps::backend::declare(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& failure) {
    const int shown = app.exit(failure);
    return shown == 0 ? 0 : httvps::backend::bad_settings;
  }
  httvps::backend::note_choice(app, chosen);
  return httvps::backend::run(chosen);
}
