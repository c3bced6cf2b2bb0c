#include "commands/commands.hpp"
#include "status/questions.hpp"
#include "status/status_report.hpp"
#include "status/status_socket.hpp"

namespace httvps::cli {
namespace {

constexpr auto status_patience = std::chrono::seconds(2);

base::result<std::string> read_status(const status_command& command) {
  HTTVPS_TRY(const auto folder, state_folder_of(command.state));
  HTTVPS_TRY(auto text,
             ask_running(status_socket_path(folder, environment), status_line, status_patience));
  while (text.ends_with('\n')) {
    text.pop_back();
  }
  if (command.form == status_form::json) {
    return text;
  }
  HTTVPS_TRY(auto lines, describe_status(text, base::real_clock().system_now()));
  lines.pop_back();
  return lines;
}

}

exit_code run(const status_command& command) {
  const auto text = read_status(command);
  if (!text) {
    return complain(text.error());
  }
  say(*text);
  return exit_code::done;
}

}
