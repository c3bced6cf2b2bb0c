#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "httvps/backend/core/settings.hpp"

namespace httvps::backend {

struct backup_choices {
  std::string to;
  std::string recipient;
  std::string recipient_file;
};

void declare_backup(CLI::App& app, backup_choices& chosen);
base::result<> run_backup(const backup_choices& chosen, const core::backend_settings& settings);
base::result<> run_backup_key(const backup_choices& chosen);

}
