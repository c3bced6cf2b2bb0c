#include "httvps/backend/models/gateway_key.hpp"

#include <gtest/gtest.h>

namespace httvps::backend::models {
namespace {

using std::chrono::hours;

const base::system_time moment{std::chrono::seconds(1'700'000'000)};

TEST(GatewayKey, GoesFromPendingToRemovedAndLosesItsSecret) {
  gateway_key key{.sealed_secret = "sealed"};
  EXPECT_TRUE(is_listed(key));
  EXPECT_FALSE(is_due_for_rotation(key, moment + hours(1000)));
  activate(key, moment);
  EXPECT_EQ(key.state, key_state::active);
  EXPECT_FALSE(is_due_for_rotation(key, moment + key_lifetime - std::chrono::seconds(1)));
  EXPECT_TRUE(is_due_for_rotation(key, moment + key_lifetime));
  retire(key, moment);
  EXPECT_TRUE(is_listed(key));
  EXPECT_FALSE(is_overlap_over(key, moment + key_overlap - std::chrono::seconds(1)));
  EXPECT_TRUE(is_overlap_over(key, moment + key_overlap));
  remove(key, moment);
  EXPECT_FALSE(is_listed(key));
  EXPECT_TRUE(key.sealed_secret.empty());
  EXPECT_EQ(key.removed_at, moment);
}

TEST(GatewayKey, GrowthNeverGoesBelowZero) {
  const key_traffic before{.up = 10, .down = 20, .wire_up = 30, .wire_down = 40};
  const key_traffic now{.up = 15, .down = 5, .wire_up = 30, .wire_down = 41};
  EXPECT_EQ(growth(before, now), (key_traffic{.up = 5, .down = 0, .wire_up = 0, .wire_down = 1}));
  EXPECT_EQ(highest(before, now),
            (key_traffic{.up = 15, .down = 20, .wire_up = 30, .wire_down = 41}));
}

}
}
