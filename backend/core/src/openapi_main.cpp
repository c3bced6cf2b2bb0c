#include <fmt/format.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "httvps/backend/core/application.hpp"
#include "httvps/base/scope_exit.hpp"

namespace httvps::backend {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t letters_a_line = 100;

int complain(const base::error& cause) {
  fmt::print(stderr, "httvps-openapi: {} ({})\n", cause.message(), base::label_of(cause));
  return 1;
}

core::backend_settings settings_in(const fs::path& folder) {
  core::backend_settings chosen;
  chosen.secret_key_file = folder / "secret-key";
  chosen.root_key_file = folder / "root-key";
  chosen.admin_token_file = folder / "admin-token";
  chosen.database_connections = 1;
  chosen.database =
      storage::database_address::parse("sqlite://" + (folder / "backend.db").string()).value();
  return chosen;
}

std::string as_bytes_of_c(std::string_view text) {
  std::string lines;
  for (std::size_t at = 0; at < text.size(); ++at) {
    lines += fmt::format("{},", static_cast<int>(text[at]));
    if (at % letters_a_line == letters_a_line - 1) {
      lines += '\n';
    }
  }
  return lines;
}

bool write_source(const char* path, std::string_view document) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << "#include <string_view>\n\nnamespace httvps::ctl {\nnamespace {\n\n"
       << "constexpr char document[] = {\n"
       << as_bytes_of_c(document) << "};\n\n}\n\n"
       << "std::string_view embedded_document() {\n  return {document, sizeof document};\n}\n\n}\n";
  file.close();
  return file.good();
}

int run(const char* path) {
  auto name = (fs::temp_directory_path() / "httvps-openapi-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    return complain(base::errc::io_failure);
  }
  const base::scope_exit removed([&] {
    std::error_code ignored;
    fs::remove_all(name, ignored);
  });
  const auto prepared = core::application::prepare(settings_in(name), base::logger());
  if (!prepared) {
    return complain(prepared.error());
  }
  return write_source(path, (*prepared)->openapi()) ? 0 : complain(base::errc::io_failure);
}

}
}

int main(int count, char** words) {
  if (count != 2) {
    fmt::print(stderr, "usage: httvps-openapi SOURCE_FILE\n");
    return 2;
  }
  return httvps::backend::run(words[1]);
}
