#include "httvps/gateway/auth/revoked_devices.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "httvps/gateway/auth/auth_errc.hpp"

namespace httvps::gateway {
namespace {

TEST(RevokedDevices, KnowsWhyUntilItIsRemoved) {
  revoked_devices revoked(2);
  ASSERT_TRUE(revoked.add({.device_id = "dev_a", .how = withdrawal::user_suspended}).has_value());
  EXPECT_EQ(revoked.find("dev_a"), withdrawal::user_suspended);
  EXPECT_EQ(revoked.find("dev_b"), std::nullopt);
  ASSERT_TRUE(revoked.add({.device_id = "dev_a"}).has_value());
  EXPECT_EQ(revoked.find("dev_a"), withdrawal::revoked);
  revoked.remove("dev_a");
  revoked.remove("dev_b");
  EXPECT_EQ(revoked.find("dev_a"), std::nullopt);
}

TEST(RevokedDevices, NamesTheLimitInsteadOfForgettingADevice) {
  revoked_devices revoked(1);
  ASSERT_TRUE(revoked.add({.device_id = "dev_a"}).has_value());
  EXPECT_TRUE(revoked.add({.device_id = "dev_a"}).has_value());
  EXPECT_EQ(revoked.add({.device_id = "dev_b"}).error(), auth_errc::revocations_full);
  EXPECT_TRUE(revoked.find("dev_a").has_value());
  EXPECT_EQ(revoked.size(), 1U);
}

TEST(RevokedDevices, ReplacedSetHoldsTheNewOnesOnly) {
  revoked_devices revoked(2);
  ASSERT_TRUE(revoked.add({.device_id = "dev_a"}).has_value());
  const std::vector<device_withdrawal> newer{{.device_id = "dev_b"}, {.device_id = "dev_c"}};
  EXPECT_TRUE(revoked.replace(newer).has_value());
  EXPECT_FALSE(revoked.find("dev_a").has_value());
  EXPECT_TRUE(revoked.find("dev_b").has_value());
  EXPECT_EQ(revoked.size(), 2U);
  const std::vector<device_withdrawal> many{
      {.device_id = "dev_d"}, {.device_id = "dev_e"}, {.device_id = "dev_f"}};
  EXPECT_EQ(revoked.replace(many).error(), auth_errc::revocations_full);
}

}
}
