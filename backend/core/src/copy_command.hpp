#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "httvps/backend/storage/database_address.hpp"
#include "httvps/base/error.hpp"

namespace httvps::backend {

struct copy_place {
  std::string dsn;
  std::string file;
};

struct copy_choices {
  copy_place from;
  copy_place to;
};

void declare_copy(CLI::App& migrate, copy_choices& chosen);
base::result<> run_copy(const copy_choices& chosen, const storage::database_address& of_settings);

}
