#include "httvps/base/clock.hpp"

#include <fmt/format.h>

#include <ctime>

namespace httvps::base {
namespace {

class system_backed_clock final : public clock {
 public:
  steady_time steady_now() const override { return std::chrono::steady_clock::now(); }
  system_time system_now() const override { return std::chrono::system_clock::now(); }
};

}

clock& real_clock() noexcept {
  static system_backed_clock instance;
  return instance;
}

std::int64_t to_unix_seconds(system_time moment) noexcept {
  return std::chrono::floor<std::chrono::seconds>(moment).time_since_epoch().count();
}

std::int64_t to_unix_milliseconds(system_time moment) noexcept {
  return std::chrono::floor<std::chrono::milliseconds>(moment).time_since_epoch().count();
}

system_time from_unix_seconds(std::int64_t seconds) noexcept {
  return system_time(std::chrono::seconds(seconds));
}

std::string to_rfc3339(system_time moment) {
  const auto milliseconds = to_unix_milliseconds(moment);
  const std::time_t seconds = static_cast<std::time_t>(milliseconds / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     milliseconds % 1000);
}

}
