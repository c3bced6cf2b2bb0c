#include "commands/commands.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "errc.hpp"
#include "httvps/wire/limits.hpp"

namespace httvps::cli {
namespace {

constexpr std::size_t region_limit = 32;

}

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

base::result<std::size_t> carriers_in(const std::string& text) {
  std::size_t count = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, count);
  const bool whole = failure == std::errc() && stop == end;
  if (!whole || count < 1 || count > wire::carriers_most) {
    return base::fail(errc::carriers_out_of_range);
  }
  return count;
}

base::result<> check_region(const std::string& text) {
  const auto good = [](char letter) {
    return letter == '-' || (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z');
  };
  const bool is_code =
      text.size() <= region_limit && !text.starts_with('-') && std::ranges::all_of(text, good);
  return is_code ? base::result<>() : base::fail(errc::region_invalid);
}

exit_code complain(const base::error& failure, std::string_view sentence) {
  const auto line = "httvps: " + describe_failure(failure, sentence) + "\n";
  std::fputs(line.c_str(), stderr);
  return exit_code_for(failure);
}

void warn(std::string_view sentence) {
  if (!sentence.empty()) {
    const auto line = std::string("httvps: warning: ").append(sentence).append("\n");
    std::fputs(line.c_str(), stderr);
  }
}

void say(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

}
