#include "httvps/backend/models/credential.hpp"

#include <gtest/gtest.h>

namespace httvps::backend::models {
namespace {

using std::chrono::days;

const base::system_time begun{std::chrono::hours(1000)};

credential lasting(days life) {
  return {.hash = "h",
          .kind = credential_kind::gateway,
          .owner = "gw",
          .created_at = begun,
          .used_at = {},
          .expires_at = begun + life};
}

TEST(CredentialState, IsDueForRenewalWhenTwoThirdsAreOver) {
  const auto one = lasting(days(30));
  EXPECT_EQ(state_of(one, begun), credential_state::valid);
  EXPECT_EQ(state_of(one, begun + days(20) - std::chrono::seconds(1)), credential_state::valid);
  EXPECT_EQ(state_of(one, begun + days(20)), credential_state::due);
  EXPECT_EQ(state_of(one, begun + days(30) - std::chrono::seconds(1)), credential_state::due);
  EXPECT_EQ(state_of(one, begun + days(30)), credential_state::expired);
}

TEST(CredentialState, OneWithoutAnEndIsDueAtOnce) {
  auto one = lasting(days(30));
  one.expires_at.reset();
  EXPECT_EQ(state_of(one, begun), credential_state::due);
}

TEST(CredentialState, OneThatIsAskedForIsDueAndARevokedOneIsRevoked) {
  auto one = lasting(days(30));
  one.renewal_asked_at = begun;
  EXPECT_EQ(state_of(one, begun), credential_state::due);
  EXPECT_EQ(state_of(one, begun + days(30)), credential_state::expired);
  one.revoked_at = begun;
  EXPECT_EQ(state_of(one, begun), credential_state::revoked);
}

}
}
