#include "httvps/backend/services/seen_proofs.hpp"

#include <gtest/gtest.h>

namespace httvps::backend::services {
namespace {

using std::chrono::minutes;
using outcome = seen_proofs::outcome;

const auto start = base::from_unix_seconds(1'800'000'000);

identity::signature numbered(std::uint8_t number) {
  identity::signature proof{};
  proof.back() = number;
  return proof;
}

TEST(SeenProofs, SecondShowingIsAReplay) {
  seen_proofs proofs;
  EXPECT_EQ(proofs.note(numbered(1), start), outcome::fresh);
  EXPECT_EQ(proofs.note(numbered(2), start), outcome::fresh);
  EXPECT_EQ(proofs.note(numbered(1), start), outcome::replayed);
  EXPECT_EQ(proofs.note(numbered(1), start + minutes(4)), outcome::replayed);
}

TEST(SeenProofs, RetryOfTheSameAttemptIsNoReplay) {
  seen_proofs proofs;
  EXPECT_EQ(proofs.note(numbered(1), start, "gw_1/a"), outcome::fresh);
  EXPECT_EQ(proofs.note(numbered(1), start, "gw_1/a"), outcome::fresh);
  EXPECT_EQ(proofs.note(numbered(1), start, "gw_1/b"), outcome::replayed);
  EXPECT_EQ(proofs.note(numbered(1), start), outcome::replayed);
  EXPECT_EQ(proofs.note(numbered(2), start), outcome::fresh);
  EXPECT_EQ(proofs.note(numbered(2), start, "gw_1/a"), outcome::replayed);
}

TEST(SeenProofs, AreForgottenWhenTheirTimeHasPassedThem) {
  seen_proofs proofs;
  proofs.note(numbered(1), start);
  proofs.note(numbered(2), start + minutes(3));
  EXPECT_EQ(proofs.size(), 2U);
  proofs.note(numbered(3), start + minutes(4) + std::chrono::seconds(1));
  EXPECT_EQ(proofs.size(), 2U);
}

TEST(SeenProofs, HoldNoMoreThanTheirLimit) {
  seen_proofs proofs(3);
  for (std::uint8_t number = 0; number < 10; ++number) {
    EXPECT_EQ(proofs.note(numbered(number), start), outcome::fresh);
    EXPECT_LE(proofs.size(), 3U);
  }
  EXPECT_EQ(proofs.note(numbered(9), start), outcome::replayed);
  EXPECT_EQ(proofs.note(numbered(0), start), outcome::fresh);
}

}
}
