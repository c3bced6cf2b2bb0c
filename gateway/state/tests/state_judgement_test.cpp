#include <gtest/gtest.h>

#include "httvps/gateway/state/errc.hpp"
#include "httvps/identity/errc.hpp"
#include "sample_state.hpp"

namespace httvps::gateway {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::start;

struct StateJudgement : ::testing::Test {
  testing::signing_root signing;
  gateway_state state = testing::make_state();
  state_demands demands{.root = signing.root.public_part(),
                        .now = start,
                        .least_key_set_version = 4,
                        .least_revocation_version = 9};

  StateJudgement() { use_key_set(signing.key_set(4)); }

  void use_key_set(std::string text) {
    auto config = *state.config;
    config.key_set = std::move(text);
    state.config = std::make_shared<const published_config>(std::move(config));
  }

  base::error verdict() const {
    const auto judged = judge_state(state, demands);
    return judged ? base::error() : judged.error();
  }
};

TEST_F(StateJudgement, GoodStateMayServe) {
  EXPECT_FALSE(verdict());
}

TEST_F(StateJudgement, CountsForADayAfterTheBackendWasHeard) {
  demands.now = start + offline_time_most;
  EXPECT_FALSE(verdict());
  demands.now += seconds(1);
  EXPECT_EQ(verdict(), state_errc::state_too_old);
}

TEST_F(StateJudgement, FromTheFutureIsRefused) {
  demands.now = start - seconds(100);
  EXPECT_FALSE(verdict());
  demands.now = start - seconds(200);
  EXPECT_EQ(verdict(), state_errc::state_from_the_future);
}

TEST_F(StateJudgement, HeardInTheFutureIsRefused) {
  state.heard_at = start + hours(1);
  EXPECT_EQ(verdict(), state_errc::state_from_the_future);
}

TEST_F(StateJudgement, FewerRevocationsThanAreKnownAreRefused) {
  demands.least_revocation_version = 10;
  EXPECT_EQ(verdict(), state_errc::state_rolled_back);
}

TEST_F(StateJudgement, OlderKeySetThanTheKnownOneIsRefused) {
  demands.least_key_set_version = 5;
  EXPECT_EQ(verdict(), identity::errc::key_set_rollback);
}

TEST_F(StateJudgement, ExpiredKeySetIsRefused) {
  use_key_set(signing.key_set(4, start - seconds(1)));
  EXPECT_EQ(verdict(), identity::errc::key_set_expired);
}

TEST_F(StateJudgement, KeySetOfAnotherRootIsRefused) {
  use_key_set(testing::signing_root().key_set(4));
  EXPECT_EQ(verdict(), identity::errc::unknown_key);
}

TEST_F(StateJudgement, StateOfAGatewayThatWasNotApprovedIsRefused) {
  state.approved = false;
  EXPECT_EQ(verdict(), state_errc::state_withheld);
  state.approved = true;
  demands.approved = false;
  EXPECT_EQ(verdict(), state_errc::state_withheld);
}

}
}
