#include "progress_report.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace httvps::backend {
namespace {

constexpr std::chrono::seconds between_lines{2};

}

storage::copy_listener progress_report::listener() {
  return [this](const storage::copy_progress& step) { show(step); };
}

void progress_report::show(const storage::copy_progress& step) {
  if (step.stage == storage::copy_stage::verified) {
    fmt::print("{} rows {} sha256 {}\n", step.table, step.rows, step.digest);
    return;
  }
  const auto now = base::real_clock().steady_now();
  if (now - shown_at_ >= between_lines) {
    shown_at_ = now;
    std::fflush(stdout);
    const bool is_compared = step.stage == storage::copy_stage::comparing;
    fmt::print(stderr, "{}: {} rows {} so far\n", step.table, step.rows,
               is_compared ? "compared" : "copied");
  }
}

}
