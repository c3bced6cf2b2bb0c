#include "backend/usage_of_process.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace httvps::bench {
namespace {

constexpr std::size_t parent_field = 1;
constexpr std::size_t first_time_field = 11;
constexpr std::size_t own_times = 2;
constexpr std::size_t all_times = 4;
constexpr std::string_view resident_name = "VmRSS:";

std::vector<std::string> fields_of(pid_t process) {
  std::ifstream file(fmt::format("/proc/{}/stat", process));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) {
    return {};
  }
  std::istringstream rest(text.substr(name_end + 1));
  return {std::istream_iterator<std::string>(rest), {}};
}

std::uint64_t number_in(const std::string& text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

double seconds_in(const std::vector<std::string>& fields, std::size_t times) {
  if (fields.size() < first_time_field + all_times) {
    return 0;
  }
  std::uint64_t ticks = 0;
  for (std::size_t i = 0; i < times; ++i) {
    ticks += number_in(fields[first_time_field + i]);
  }
  return static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

bool is_number(const std::string& name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](char digit) { return digit >= '0' && digit <= '9'; });
}

}

double cpu_seconds_of(pid_t process) {
  return seconds_in(fields_of(process), own_times);
}

double cpu_seconds_with_children(pid_t process) {
  double sum = seconds_in(fields_of(process), all_times);
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto name = entry.path().filename().string();
    if (!is_number(name)) {
      continue;
    }
    const auto fields = fields_of(static_cast<pid_t>(number_in(name)));
    if (fields.size() > parent_field &&
        number_in(fields[parent_field]) == static_cast<std::uint64_t>(process)) {
      sum += seconds_in(fields, all_times);
    }
  }
  return sum;
}

std::uint64_t resident_kib_of(pid_t process) {
  std::ifstream file(fmt::format("/proc/{}/status", process));
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(resident_name)) {
      const auto at = line.find_first_of("0123456789");
      return at == std::string::npos ? 0 : number_in(line.substr(at));
    }
  }
  return 0;
}

}
