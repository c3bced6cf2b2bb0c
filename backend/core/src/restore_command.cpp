#include "restore_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "httvps/backend/core/backup_file.hpp"
#include "httvps/backend/services/restored_versions.hpp"
#include "httvps/backend/storage/errc.hpp"
#include "httvps/backend/storage/sql_store.hpp"
#include "httvps/identity/errc.hpp"
#include "httvps/identity/key_file.hpp"
#include "progress_report.hpp"

namespace httvps::backend {
namespace {

std::string moment_of(const storage::snapshot_head& head) {
  return base::to_rfc3339(base::system_time(std::chrono::microseconds(head.made_at)));
}

base::result<storage::snapshot_manifest> checked(const std::string& path,
                                                 const identity::box_key& key) {
  HTTVPS_TRY(const auto file, core::backup_file_reader::open(path, key));
  progress_report report;
  HTTVPS_TRY(auto manifest, storage::check_snapshot(*file, report.listener()));
  fmt::print("The backup is whole: {} rows of schema {}, made {} by version {}\n", manifest.rows(),
             manifest.head.schema, moment_of(manifest.head), manifest.head.program);
  return manifest;
}

base::result<> outgrow_versions(const core::backend_settings& settings) {
  HTTVPS_TRY(const auto store, storage::sql_store::open({.address = settings.database,
                                                         .connections = 1,
                                                         .patience = settings.database_patience}));
  HTTVPS_CHECK(store->check_schema());
  return services::outgrow_earlier_versions(*store, base::real_clock().system_now());
}

storage::copy_listener only_progress(progress_report& report) {
  return [show = report.listener()](const storage::copy_progress& step) {
    if (step.stage != storage::copy_stage::verified) {
      show(step);
    }
  };
}

void say_what_next(const storage::snapshot_manifest& restored) {
  fmt::print(
      "{0} rows are restored and verified. Next:\n"
      "1. Put the key ring, secret key and root key files of {1} in their places.\n"
      "2. Run httvps-backend audit verify, then start httvps-backend.\n"
      "3. What was changed after {1} is not in it: block again who was blocked since, and rotate "
      "keys that were rotated since (httvpsctl audit export of then lists it). Devices whose "
      "tokens were signed by a key that was made after {1} enrol anew.\n"
      "4. Gateways bring what they still hold of traffic by themselves; httvpsctl doctor shows "
      "their gaps.\n",
      restored.rows(), moment_of(restored.head));
}

}

void declare_restore(CLI::App& app, restore_choices& chosen) {
  auto* restore = app.add_subcommand(
      "restore", "Verify a backup and put it into the database of the settings, of either engine");
  restore->add_option("--from", chosen.from, "File that backup wrote")->required();
  restore->add_option("--key-file", chosen.key_file, "File that backup-key wrote, mode 0600")
      ->required();
  restore->add_flag_callback(
      "--replace", [&chosen] { chosen.rule = storage::target_rule::is_replaced; },
      "Lose what the database holds now");
  restore->add_flag_callback(
      "--check", [&chosen] { chosen.purpose = restore_purpose::check; },
      "Verify the backup and change nothing; no database is needed");
}

base::result<> run_restore_check(const restore_choices& chosen) {
  HTTVPS_TRY(const auto key, identity::load_box_key(chosen.key_file));
  HTTVPS_CHECK(checked(chosen.from, key));
  return {};
}

base::result<> run_restore(const restore_choices& chosen, const core::backend_settings& settings) {
  HTTVPS_TRY(const auto key, identity::load_box_key(chosen.key_file));
  HTTVPS_TRY(const auto manifest, checked(chosen.from, key));
  HTTVPS_TRY(const auto file, core::backup_file_reader::open(chosen.from, key));
  progress_report report;
  HTTVPS_CHECK(storage::restore_snapshot({.into = settings.database,
                                          .checked = manifest,
                                          .from = *file,
                                          .rule = chosen.rule,
                                          .clock = base::real_clock(),
                                          .progress = only_progress(report)}));
  HTTVPS_CHECK(outgrow_versions(settings));
  say_what_next(manifest);
  return {};
}

bool says_backup_is_bad(const std::error_code& cause) {
  const std::error_code bad[] = {storage::errc::snapshot_invalid, storage::errc::snapshot_differs,
                                 identity::errc::sealed_stream_invalid,
                                 identity::errc::sealed_stream_foreign,
                                 identity::errc::sealed_stream_cut};
  return std::ranges::find(bad, cause) != std::end(bad);
}

bool says_target_is_taken(const std::error_code& cause) {
  const std::error_code taken[] = {storage::errc::restore_target_not_empty,
                                   storage::errc::restore_target_in_use,
                                   storage::errc::restore_schema_differs};
  return std::ranges::find(taken, cause) != std::end(taken);
}

}
