#include "rescue_command.hpp"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>

#include "httvps/backend/services/rescue_service.hpp"
#include "httvps/backend/storage/sql_store.hpp"
#include "httvps/base/scope_exit.hpp"
#include "httvps/identity/key_file.hpp"

namespace httvps::backend {
namespace {

constexpr std::size_t shortest_password = 12;
constexpr std::size_t longest_password = 128;

base::error refuse(const char* sentence) {
  fmt::print(stderr, "httvps-backend: {}\n", sentence);
  return base::errc::invalid_setting;
}

base::result<base::secret_bytes> accept(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) {
    text.remove_suffix(1);
  }
  if (text.size() < shortest_password || text.size() > longest_password ||
      text.find_first_of("\r\n") != std::string_view::npos) {
    return base::fail(refuse("the password must be one line of 12 to 128 bytes."));
  }
  return base::secret_bytes::from_text(text);
}

base::result<base::secret_bytes> ask_password() {
  termios shown{};
  if (::tcgetattr(STDIN_FILENO, &shown) != 0) {
    return base::fail(refuse("there is no terminal to ask on. Give --password-file."));
  }
  termios hidden = shown;
  hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  const base::scope_exit restored([&] { ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown); });
  if (::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) != 0) {
    return base::fail(refuse("the terminal does not hide what is typed. Give --password-file."));
  }
  fmt::print(stderr, "New password: ");
  std::array<char, longest_password + 2> line{};
  const base::scope_exit wiped([&] { ::explicit_bzero(line.data(), line.size()); });
  const auto count = ::read(STDIN_FILENO, line.data(), line.size());
  fmt::print(stderr, "\n");
  return accept(std::string_view(line.data(), count < 0 ? 0 : static_cast<std::size_t>(count)));
}

base::result<base::secret_bytes> new_password(const std::string& file) {
  if (file.empty()) {
    return ask_password();
  }
  HTTVPS_TRY(const auto content, identity::load_secret_file(file));
  return accept(content.reveal_text());
}

base::result<std::unique_ptr<storage::sql_store>> open_store(
    const core::backend_settings& settings) {
  HTTVPS_TRY(auto store, storage::sql_store::open({.address = settings.database,
                                                   .connections = 1,
                                                   .patience = settings.database_patience}));
  HTTVPS_CHECK(store->check_schema());
  return store;
}

services::rescue_service rescue_in(storage::sql_store& store) {
  return services::rescue_service(
      {.storage = store, .clock = base::real_clock(), .random = base::secure_random()});
}

}

base::result<> run_reset_admin(const rescue_choices& chosen,
                               const core::backend_settings& settings) {
  HTTVPS_TRY(const auto store, open_store(settings));
  HTTVPS_TRY(const auto password, new_password(chosen.password_file));
  services::password_hasher passwords({});
  HTTVPS_CHECK(rescue_in(*store).reset_admin(chosen.name, password, passwords));
  fmt::print("{} has a new password, no TOTP and no sessions\n", chosen.name);
  return {};
}

base::result<> run_unlock(const rescue_choices& chosen, const core::backend_settings& settings) {
  HTTVPS_TRY(const auto store, open_store(settings));
  HTTVPS_CHECK(rescue_in(*store).unlock(chosen.name));
  fmt::print("{} is active\n", chosen.name);
  return {};
}

}
