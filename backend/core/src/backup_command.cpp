#include "backup_command.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>

#include "httvps/backend/core/backup_file.hpp"
#include "httvps/backend/storage/snapshot.hpp"
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
  HTTVPS_TRY(const auto file,
             core::backup_file_writer::create(chosen.to, recipient, base::secure_random()));
  progress_report report;
  HTTVPS_TRY(const auto made, storage::write_snapshot({.from = settings.database,
                                                       .to = *file,
                                                       .program = HTTVPS_VERSION,
                                                       .clock = base::real_clock(),
                                                       .progress = report.listener()}));
  HTTVPS_CHECK(file->finish());
  fmt::print(
      "{} rows of schema {} are in {}\n"
      "The key ring, secret key and root key files are not in it: keep copies of them elsewhere.\n",
      made.rows(), made.head.schema, chosen.to);
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
