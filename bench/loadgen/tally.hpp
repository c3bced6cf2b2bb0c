#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"

namespace httvps::bench {

struct session_result {
  std::chrono::nanoseconds whole{};
  std::chrono::nanoseconds first_byte{};
};

struct traffic {
  base::byte_count body_down = 0;
  base::byte_count tunnel_down = 0;
  base::byte_count body_up = 0;
  base::byte_count tunnel_up = 0;

  traffic& operator+=(const traffic& other) noexcept;
};

class tally {
 public:
  void add(const session_result& finished);
  void add(const base::error& failure);
  void add(const traffic& moved) { moved_ += moved; }

  std::uint64_t done() const noexcept { return whole_.size(); }
  std::uint64_t failed() const noexcept { return failed_; }
  std::string report(std::chrono::nanoseconds elapsed);

 private:
  std::vector<double> whole_;
  std::vector<double> first_byte_;
  std::map<std::string, std::uint64_t, std::less<>> failures_;
  std::uint64_t failed_ = 0;
  traffic moved_;
};

double percentile(const std::vector<double>& sorted, double share);

}
