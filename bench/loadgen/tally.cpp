#include "loadgen/tally.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace httvps::bench {
namespace {

constexpr double milliseconds_in_nanosecond = 1e-6;

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
}

double in_milliseconds(std::chrono::nanoseconds time) {
  return milliseconds_in_nanosecond * static_cast<double>(time.count());
}

std::string failures_object(const std::map<std::string, std::uint64_t, std::less<>>& failures) {
  std::string text;
  for (const auto& [label, count] : failures) {
    fmt::format_to(std::back_inserter(text), "{}\"{}\":{}", text.empty() ? "" : ",", label, count);
  }
  return "{" + text + "}";
}

}

traffic& traffic::operator+=(const traffic& other) noexcept {
  body_down += other.body_down;
  tunnel_down += other.tunnel_down;
  body_up += other.body_up;
  tunnel_up += other.tunnel_up;
  return *this;
}

double percentile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) {
    return 0;
  }
  return sorted[static_cast<std::size_t>(
      std::lround(share * static_cast<double>(sorted.size() - 1)))];
}

void tally::add(const session_result& finished) {
  whole_.push_back(in_milliseconds(finished.whole));
  first_byte_.push_back(in_milliseconds(finished.first_byte));
}

void tally::add(const base::error& failure) {
  ++failed_;
  ++failures_[std::string(base::label_of(failure))];
}

std::string tally::report(std::chrono::nanoseconds elapsed) {
  std::ranges::sort(whole_);
  std::ranges::sort(first_byte_);
  const double seconds = 1e-9 * static_cast<double>(elapsed.count());
  const auto bytes = moved_.body_down + moved_.body_up;
  auto text =
      fmt::format(R"({{"seconds":{:.6f},"done":{},"failed":{},"failures":{},"cpu_seconds":{:.4f})",
                  seconds, done(), failed(), failures_object(failures_), cpu_seconds());
  fmt::format_to(std::back_inserter(text),
                 R"(,"body_down":{},"tunnel_down":{},"body_up":{},"tunnel_up":{})",
                 moved_.body_down, moved_.tunnel_down, moved_.body_up, moved_.tunnel_up);
  fmt::format_to(std::back_inserter(text), R"(,"mibps":{:.3f},"per_second":{:.2f})",
                 static_cast<double>(bytes) / static_cast<double>(base::mebibyte) / seconds,
                 static_cast<double>(done()) / seconds);
  fmt::format_to(
      std::back_inserter(text),
      R"(,"p50_ms":{:.4f},"p95_ms":{:.4f},"p99_ms":{:.4f},"ttfb_p50_ms":{:.4f},"ttfb_p95_ms":{:.4f}}})",
      percentile(whole_, 0.5), percentile(whole_, 0.95), percentile(whole_, 0.99),
      percentile(first_byte_, 0.5), percentile(first_byte_, 0.95));
  return text;
}

}
