#include "httvps/gateway/auth/revoked_devices.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "httvps/gateway/auth/auth_errc.hpp"

namespace httvps::gateway {
namespace {

TEST(RevokedDevices, ContainsWhatWasAddedUntilItIsRemoved) {
  revoked_devices revoked(2);
  ASSERT_TRUE(revoked.add("dev_a").has_value());
  EXPECT_TRUE(revoked.contains("dev_a"));
  EXPECT_FALSE(revoked.contains("dev_b"));
  revoked.remove("dev_a");
  revoked.remove("dev_b");
  EXPECT_FALSE(revoked.contains("dev_a"));
}

TEST(RevokedDevices, NamesTheLimitInsteadOfForgettingADevice) {
  revoked_devices revoked(1);
  ASSERT_TRUE(revoked.add("dev_a").has_value());
  EXPECT_TRUE(revoked.add("dev_a").has_value());
  EXPECT_EQ(revoked.add("dev_b").error(), auth_errc::revocations_full);
  EXPECT_TRUE(revoked.contains("dev_a"));
  EXPECT_EQ(revoked.size(), 1U);
}

TEST(RevokedDevices, ReplacedSetHoldsTheNewOnesOnly) {
  revoked_devices revoked(2);
  ASSERT_TRUE(revoked.add("dev_a").has_value());
  const std::vector<std::string> newer{"dev_b", "dev_c"};
  EXPECT_TRUE(revoked.replace(newer).has_value());
  EXPECT_FALSE(revoked.contains("dev_a"));
  EXPECT_TRUE(revoked.contains("dev_b"));
  EXPECT_EQ(revoked.size(), 2U);
  const std::vector<std::string> many{"dev_d", "dev_e", "dev_f"};
  EXPECT_EQ(revoked.replace(many).error(), auth_errc::revocations_full);
}

}
}
