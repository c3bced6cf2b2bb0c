#pragma once

#include <string>

#include "support/replica_writers.hpp"

namespace httvps::testing {

struct replica_death {
  std::size_t replica = 0;
  std::chrono::steady_clock::time_point at;
};

void expect_notes(const std::string& noted, const writer_totals& truth, const replica_death& death);

}
