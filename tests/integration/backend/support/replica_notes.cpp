#include "support/replica_notes.hpp"

#include <gtest/gtest.h>

#include <cstdio>

namespace httvps::testing {
namespace {

constexpr auto note_delay = std::chrono::milliseconds(20);
constexpr auto longest_note_write = std::chrono::milliseconds(200);

}

void expect_notes(const std::string& noted, const writer_totals& truth,
                  const replica_death& death) {
  std::size_t forgotten = 0;
  for (const auto& each : truth.validations) {
    if (noted.find(each.session) != std::string::npos) {
      continue;
    }
    ++forgotten;
    EXPECT_EQ(each.replica, death.replica) << each.session;
    EXPECT_LE(death.at - each.answered_at, note_delay + longest_note_write) << each.session;
    EXPECT_LE(each.answered_at - death.at, longest_note_write) << each.session;
  }
  std::printf("%zu validations, %zu notes forgotten\n", truth.validations.size(), forgotten);
  EXPECT_GT(truth.validations.size(), forgotten);
}

}
