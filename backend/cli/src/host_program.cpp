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
  static const std::vector<std::string_view> copy_flags = {"--from", "--from-file", "--to",
                                                           "--to-file", "--help"};
  static const std::vector<host_command> known = {
      {.name = "backup",
       .words = {"backup"},
       .flags = {"--to", "--recipient", "--recipient-file", "--help"},
       .summary = "Write the database into one sealed file (on the host of the backend)"},
      {.name = "backup-key",
       .words = {"backup-key"},
       .flags = {"--to", "--help"},
       .summary = "Make the pair of keys of backups (on the host of the backend)"},
      {.name = "keyring",
       .words = {"keyring"},
       .flags = {"--help"},
       .summary = "Show or change the file of keys that seal secrets (on the host of the backend)",
       .verbs = {{.name = "show", .flags = {"--help"}},
                 {.name = "add", .flags = {"--name", "--help"}},
                 {.name = "activate", .flags = {"--help"}}}},
      {.name = "migrate",
       .words = {"migrate", "copy"},
       .flags = copy_flags,
       .summary = "Show or change the schema, or move everything to another database and verify "
                  "it (on the host of the backend)",
       .verbs = {{.name = "status", .flags = {"--help"}},
                 {.name = "up", .flags = {"--help"}},
                 {.name = "down", .flags = {"--to", "--help"}},
                 {.name = "copy", .flags = copy_flags}}},
      {.name = "rescue",
       .words = {"rescue"},
       .flags = {"--help"},
       .summary = "Let an administrator in again (on the host of the backend)",
       .verbs = {{.name = "reset-admin", .flags = {"--password-file", "--help"}},
                 {.name = "unlock", .flags = {"--help"}}}},
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

std::span<const std::string_view> flags_of(const host_command& one, std::string_view verb) {
  const auto found = std::ranges::find(one.verbs, verb, &host_verb::name);
  return found == one.verbs.end() ? one.flags : found->flags;
}

std::vector<std::string> backend_words(const host_command& wanted,
                                       std::span<const char* const> options) {
  const bool names_verb =
      !wanted.verbs.empty() && !options.empty() && !std::string_view(options[0]).starts_with('-');
  std::vector<std::string> words = {std::string(backend_name)};
  if (names_verb) {
    words.emplace_back(wanted.name);
  } else {
    words.insert(words.end(), wanted.words.begin(), wanted.words.end());
  }
  words.insert(words.end(), options.begin(), options.end());
  return words;
}

outcome<> become_backend(const host_command& wanted, std::span<const char* const> options) {
  const auto program = backend_beside_this();
  auto words = backend_words(wanted, options);
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
