#include "host_program.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace httvps::ctl {
namespace {

constexpr std::string_view backend_name = "httvps-backend";

std::string backend_beside_this() {
  std::error_code failed;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", failed);
  return (self.parent_path() / backend_name).string();
}

std::string advice_for(const host_command& wanted, const std::string& looked_for) {
  return fmt::format(
      "{} works on the database itself and is done by {}, which is not at {}. Run it on the host "
      "of the backend, where both programs are in one folder.",
      wanted.name, backend_name, looked_for);
}

}

std::span<const host_command> host_commands() {
  static const std::vector<host_command> known = {
      {.name = "backup",
       .words = {"backup"},
       .flags = {"--to", "--recipient", "--recipient-file", "--help"},
       .summary = "Write the database into one sealed file (on the host of the backend)"},
      {.name = "backup-key",
       .words = {"backup-key"},
       .flags = {"--to", "--help"},
       .summary = "Make the pair of keys of backups (on the host of the backend)"},
      {.name = "migrate",
       .words = {"migrate", "copy"},
       .flags = {"--from", "--from-file", "--to", "--to-file", "--help"},
       .summary = "Move everything to another database and verify it (on the host of the backend)"},
      {.name = "restore",
       .words = {"restore"},
       .flags = {"--from", "--key-file", "--replace", "--check", "--root", "--sha256", "--unproven",
                 "--key-set", "--help"},
       .summary = "Verify a backup and put it into the database (on the host of the backend)"}};
  return known;
}

const host_command* find_host_command(std::string_view name) {
  const auto known = host_commands();
  const auto found = std::ranges::find(known, name, &host_command::name);
  return found == known.end() ? nullptr : &*found;
}

outcome<> become_backend(const host_command& wanted, std::span<const char* const> options) {
  const auto program = backend_beside_this();
  std::vector<std::string> words = {std::string(backend_name)};
  words.insert(words.end(), wanted.words.begin(), wanted.words.end());
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (auto& word : words) {
    pointers.push_back(word.data());
  }
  pointers.push_back(nullptr);
  ::execv(program.c_str(), pointers.data());
  return errno == ENOENT || errno == EACCES
             ? failure(advice_for(wanted, program))
             : failure(fmt::format("{} cannot be started.", program));
}

}
