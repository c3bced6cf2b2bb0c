#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace httvps::base {

using steady_time = std::chrono::steady_clock::time_point;
using system_time = std::chrono::system_clock::time_point;
using duration = std::chrono::steady_clock::duration;

class clock {
 public:
  virtual ~clock() = default;
  virtual steady_time steady_now() const = 0;
  virtual system_time system_now() const = 0;
};

clock& real_clock() noexcept;

class manual_clock final : public clock {
 public:
  explicit manual_clock(system_time start = system_time(std::chrono::seconds(1'800'000'000)))
      : system_(start) {}
  steady_time steady_now() const override { return steady_; }
  system_time system_now() const override { return system_; }
  void advance(duration step) {
    steady_ += step;
    system_ += std::chrono::duration_cast<system_time::duration>(step);
  }

 private:
  steady_time steady_{std::chrono::hours(1)};
  system_time system_;
};

std::int64_t to_unix_seconds(system_time moment) noexcept;
std::int64_t to_unix_milliseconds(system_time moment) noexcept;
system_time from_unix_seconds(std::int64_t seconds) noexcept;
std::string to_rfc3339(system_time moment);

}
