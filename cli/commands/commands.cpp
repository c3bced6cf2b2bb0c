#include "commands/commands.hpp"

#include <cstdio>
#include <cstdlib>

namespace httvps::cli {

const char* environment(const char* name) {
  return std::getenv(name);
}

base::result<std::string> state_folder_of(const std::string& chosen) {
  return chosen.empty() ? sdk::default_state_folder(environment)
                        : base::result<std::string>(chosen);
}

base::result<std::optional<net::endpoint>> place_of(const std::string& text) {
  if (text.empty()) {
    return std::optional<net::endpoint>();
  }
  HTTVPS_TRY(auto place, net::parse_endpoint(text));
  return std::optional<net::endpoint>(std::move(place));
}

exit_code complain(const base::error& failure, std::string_view sentence) {
  const auto line = "httvps: " + describe_failure(failure, sentence) + "\n";
  std::fputs(line.c_str(), stderr);
  return exit_code_for(failure);
}

void say(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

}
