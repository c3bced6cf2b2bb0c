#include "backup_command.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <optional>

#include "httvps/backend/core/backup_file.hpp"
#include "httvps/backend/core/backup_proof.hpp"
#include "httvps/backend/services/backup_notes.hpp"
#include "httvps/backend/storage/snapshot.hpp"
#include "httvps/backend/storage/sql_store.hpp"
#include "httvps/identity/errc.hpp"
#include "httvps/identity/key_file.hpp"
#include "progress_report.hpp"

namespace httvps::backend {
namespace {

base::error refuse(const char* sentence) {
  fmt::print(stderr, "httvps-backend: {}\n", sentence);
  return base::errc::invalid_setting;
}

base::result<std::string> recipient_text(const backup_choices& chosen) {
  if (chosen.recipient.empty() == chosen.recipient_file.empty()) {
    return base::fail(refuse("give either --recipient or --recipient-file."));
  }
  if (!chosen.recipient.empty()) {
    return chosen.recipient;
  }
  std::ifstream file(chosen.recipient_file);
  std::string word;
  if (!(file >> word)) {
    return base::fail(refuse("the file of --recipient-file holds no key."));
  }
  return word;
}

base::result<identity::box_public_key> recipient_of(const backup_choices& chosen) {
  HTTVPS_TRY(const auto text, recipient_text(chosen));
  const auto recipient = identity::box_public_key::from_base64url(text);
  return recipient ? recipient
                   : base::fail(refuse("the recipient is not a key that backup-key printed."));
}

base::result<std::optional<identity::signing_key>> root_key_at(const std::string& path) {
  auto loaded = identity::load_signing_key(path);
  if (loaded) {
    return std::optional(*std::move(loaded));
  }
  return loaded.error() == identity::errc::key_file_missing
             ? base::result<std::optional<identity::signing_key>>(std::nullopt)
             : base::fail(loaded.error());
}

std::string proof_sentence(const std::optional<identity::signing_key>& root) {
  return root ? fmt::format("It is signed by the root key {}.", root->public_part().to_base64url())
              : std::string(
                    "It is not signed, because the root key file is not here: keep the "
                    "digest above apart from the file and give it to restore --sha256.");
}

void note_in_database(const core::backend_settings& settings, const storage::snapshot_head& head) {
  const auto made_at = base::system_time(std::chrono::microseconds(head.made_at));
  const auto store = storage::sql_store::open(
      {.address = settings.database, .connections = 1, .patience = settings.database_patience});
  auto noted = store ? (*store)->check_schema() : base::fail(store.error());
  if (noted) {
    noted = services::note_backup(**store, made_at);
  }
  if (!noted) {
    fmt::print(stderr,
               "httvps-backend: the backup is made, but the database does not know of it: {}\n",
               noted.error().message());
  }
}

}

void declare_backup(CLI::App& app, backup_choices& chosen) {
  auto* backup = app.add_subcommand(
      "backup", "Write the database as of this moment into one sealed file, while it is served");
  backup->add_option("--to", chosen.to, "File to write; it must not exist")->required();
  backup->add_option("--recipient", chosen.recipient,
                     "Public key that backup-key printed; only its owner can restore");
  backup->add_option("--recipient-file", chosen.recipient_file, "File that holds the public key");
  app.add_subcommand("backup-key",
                     "Make the pair of keys of backups: the private one goes into a "
                     "file of mode 0600, the public one is printed")
      ->add_option("--to", chosen.to, "File for the private key; it must not exist")
      ->required();
}

base::result<> run_backup(const backup_choices& chosen, const core::backend_settings& settings) {
  HTTVPS_TRY(const auto recipient, recipient_of(chosen));
  HTTVPS_TRY(const auto root, root_key_at(settings.root_key_file));
  HTTVPS_TRY(const auto file,
             core::backup_file_writer::create(chosen.to, recipient, base::secure_random()));
  progress_report report;
  HTTVPS_TRY(const auto made, storage::write_snapshot({.from = settings.database,
                                                       .to = *file,
                                                       .program = HTTVPS_VERSION,
                                                       .clock = base::real_clock(),
                                                       .progress = report.listener(),
                                                       .sign = root ? core::signer_with(*root)
                                                                    : storage::snapshot_signer()}));
  HTTVPS_TRY(const auto sha256, file->finish());
  fmt::print(
      "{} rows of schema {} are in {}\n"
      "SHA-256 {}\n"
      "{}\n"
      "The key ring, secret key and root key files are not in it: keep copies of them elsewhere.\n",
      made.rows(), made.head.schema, chosen.to, sha256, proof_sentence(root));
  note_in_database(settings, made.head);
  return {};
}

base::result<> run_backup_key(const backup_choices& chosen) {
  const auto key = identity::box_key::generate(base::secure_random());
  HTTVPS_CHECK(identity::store_box_key(chosen.to, key));
  fmt::print("{}\n", key.public_part().to_base64url());
  std::fflush(stdout);
  fmt::print(stderr,
             "The line above is the public key: give it to backup with --recipient. Keep {} away "
             "from this machine: who has it can read every backup, and without it none can be "
             "restored.\n",
             chosen.to);
  return {};
}

}
