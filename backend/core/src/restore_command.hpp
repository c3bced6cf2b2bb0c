#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <system_error>

#include "httvps/backend/core/backup_proof.hpp"
#include "httvps/backend/core/settings.hpp"
#include "httvps/backend/storage/snapshot.hpp"

namespace httvps::backend {

enum class restore_purpose { restore, check };

struct restore_choices {
  std::string from;
  std::string key_file;
  storage::target_rule rule = storage::target_rule::must_be_empty;
  restore_purpose purpose = restore_purpose::restore;
  std::string root;
  std::string sha256;
  core::unproven_backup unproven = core::unproven_backup::is_refused;
  std::string key_set_file;
};

void declare_restore(CLI::App& app, restore_choices& chosen);
base::result<> run_restore(const restore_choices& chosen, const core::backend_settings& settings);
base::result<> run_restore_check(const restore_choices& chosen);

bool says_backup_is_bad(const std::error_code& cause);
bool says_target_is_taken(const std::error_code& cause);

}
