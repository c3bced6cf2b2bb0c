#include "restore_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>

#include "httvps/backend/core/backup_file.hpp"
#include "httvps/backend/core/key_set_file.hpp"
#include "httvps/backend/services/restored_versions.hpp"
#include "httvps/backend/storage/errc.hpp"
#include "httvps/backend/storage/sql_store.hpp"
#include "httvps/identity/errc.hpp"
#include "httvps/identity/key_file.hpp"
#include "httvps/identity/key_set.hpp"
#include "progress_report.hpp"

namespace httvps::backend {
namespace {

std::string moment_of(const storage::snapshot_head& head) {
  return base::to_rfc3339(base::system_time(std::chrono::microseconds(head.made_at)));
}

base::error refuse(const char* sentence) {
  fmt::print(stderr, "httvps-backend: {}\n", sentence);
  return base::errc::invalid_setting;
}

using known_root = std::optional<identity::public_key>;

base::result<known_root> root_given(const restore_choices& chosen) {
  if (chosen.root.empty()) {
    return known_root();
  }
  const auto key = identity::public_key::from_base64url(chosen.root);
  return key ? base::result<known_root>(*key)
             : base::fail(refuse("--root is not the public part of a root key."));
}

base::result<known_root> root_known(const restore_choices& chosen, const std::string& root_file) {
  HTTVPS_TRY(auto given, root_given(chosen));
  if (given) {
    return given;
  }
  const auto here = identity::load_signing_key(root_file);
  if (here) {
    return known_root(here->public_part());
  }
  return here.error() == identity::errc::key_file_missing ? base::result<known_root>(known_root())
                                                          : base::fail(here.error());
}

struct read_backup {
  storage::snapshot_manifest manifest;
  std::string sha256;
};

base::result<read_backup> read_whole(const std::string& path, const identity::box_key& key) {
  HTTVPS_TRY(const auto file, core::backup_file_reader::open(path, key));
  progress_report report;
  HTTVPS_TRY(auto manifest, storage::check_snapshot(*file, report.listener()));
  const auto signer = manifest.proof ? manifest.proof->key : std::string("nobody");
  fmt::print(
      "The backup is whole: {} rows of schema {}, made {} by version {}\n"
      "SHA-256 {}, signed by {}\n",
      manifest.rows(), manifest.head.schema, moment_of(manifest.head), manifest.head.program,
      file->sha256(), signer);
  return read_backup{.manifest = std::move(manifest), .sha256 = file->sha256()};
}

base::result<> prove(const read_backup& found, const core::proof_wanted& wanted) {
  HTTVPS_CHECK(core::check_proof({.manifest = found.manifest, .sha256 = found.sha256}, wanted));
  const bool by_root = wanted.root && found.manifest.proof;
  const bool by_digest = !wanted.sha256.empty();
  fmt::print("{}\n", by_root     ? "The root key of this deployment signed it."
                     : by_digest ? "It is the one with the digest that was named."
                                 : "Nothing shows who made it.");
  return {};
}

base::result<identity::key_set> key_set_in(const std::string& path, const known_root& root) {
  if (!root) {
    return base::fail(refuse("--key-set needs --root or the root key file in its place."));
  }
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto verified = identity::key_set::verify(
      core::key_set_text_in(text), {.root = *root, .now = base::system_time{}, .least_version = 0});
  return verified ? std::move(verified)
                  : base::fail(refuse("the root key did not sign the file of --key-set."));
}

base::result<> outgrow_versions(const core::backend_settings& settings,
                                const std::optional<identity::key_set>& published) {
  HTTVPS_TRY(const auto store, storage::sql_store::open({.address = settings.database,
                                                         .connections = 1,
                                                         .patience = settings.database_patience}));
  HTTVPS_CHECK(store->check_schema());
  const auto now = base::real_clock().system_now();
  HTTVPS_CHECK(services::outgrow_earlier_versions(*store, now));
  if (published) {
    HTTVPS_TRY(const auto adopted, services::adopt_published_keys(*store, *published, now));
    fmt::print("{} signing keys of the key set are taken over.\n", adopted);
  }
  return {};
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
      "tokens were signed by a key that was made after {1} enrol anew, unless --key-set named a "
      "key set that knows it.\n"
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
  restore->add_option("--root", chosen.root,
                      "Public root key that must have signed the backup; else that of the root "
                      "key file of the settings");
  restore->add_option("--sha256", chosen.sha256, "Digest that backup printed for the file");
  restore->add_flag_callback(
      "--unproven", [&chosen] { chosen.unproven = core::unproven_backup::is_taken; },
      "Restore although nothing shows who made the backup");
  restore->add_option("--key-set", chosen.key_set_file,
                      "Newest key set, from the membership.json of any gateway: tokens of signing "
                      "keys that are younger than the backup stay good");
}

base::result<> run_restore_check(const restore_choices& chosen) {
  HTTVPS_TRY(const auto key, identity::load_box_key(chosen.key_file));
  HTTVPS_TRY(const auto root, root_given(chosen));
  HTTVPS_TRY(const auto found, read_whole(chosen.from, key));
  const auto rule = root ? core::unproven_backup::is_refused : core::unproven_backup::is_taken;
  return prove(found, {.root = root, .sha256 = chosen.sha256, .rule = rule});
}

base::result<> run_restore(const restore_choices& chosen, const core::backend_settings& settings) {
  HTTVPS_TRY(const auto key, identity::load_box_key(chosen.key_file));
  HTTVPS_TRY(const auto root, root_known(chosen, settings.root_key_file));
  std::optional<identity::key_set> published;
  if (!chosen.key_set_file.empty()) {
    HTTVPS_TRY(published, key_set_in(chosen.key_set_file, root));
  }
  HTTVPS_TRY(const auto found, read_whole(chosen.from, key));
  HTTVPS_CHECK(prove(found, {.root = root, .sha256 = chosen.sha256, .rule = chosen.unproven}));
  HTTVPS_TRY(const auto file, core::backup_file_reader::open(chosen.from, key));
  progress_report report;
  HTTVPS_CHECK(storage::restore_snapshot({.into = settings.database,
                                          .checked = found.manifest,
                                          .from = *file,
                                          .rule = chosen.rule,
                                          .clock = base::real_clock(),
                                          .progress = only_progress(report)}));
  HTTVPS_CHECK(outgrow_versions(settings, published));
  say_what_next(found.manifest);
  return {};
}

bool says_backup_is_bad(const std::error_code& cause) {
  const std::error_code bad[] = {
      storage::errc::snapshot_invalid,       storage::errc::snapshot_differs,
      identity::errc::sealed_stream_invalid, identity::errc::sealed_stream_foreign,
      identity::errc::sealed_stream_cut,     storage::errc::backup_not_authentic,
      storage::errc::backup_unproven};
  return std::ranges::find(bad, cause) != std::end(bad);
}

bool says_target_is_taken(const std::error_code& cause) {
  const std::error_code taken[] = {storage::errc::restore_target_not_empty,
                                   storage::errc::restore_target_in_use,
                                   storage::errc::restore_schema_differs};
  return std::ranges::find(taken, cause) != std::end(taken);
}

}
