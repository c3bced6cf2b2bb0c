#include <gtest/gtest.h>

#include "support/login_world.hpp"

namespace httvps::backend {
namespace {

using test_support::login_world;

TEST(RateLimits, LoginCountsAnIpv6NetworkAsOneAddress) {
  const login_world world;
  for (int i = 0; i < 10; ++i) {
    const auto peer = "2001:db8:0:1::" + std::to_string(i + 1);
    EXPECT_EQ(world.login("nobody" + std::to_string(i), "wrong password", "", peer).status, 401);
  }
  const auto refused = world.login("somebody", "wrong password", "", "2001:db8:0:1:ffff::1");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("Retry-After"), "90");
  EXPECT_EQ(world.login("somebody", "wrong password", "", "2001:db8:0:2::1").status, 401);
}

TEST(RateLimits, EachAdminTokenHasItsOwnRate) {
  login_world world;
  base::metric_registry metrics;
  const api::control_api api(world.services(), {.clock = world.clock,
                                                .metrics = metrics,
                                                .log = {},
                                                .admin_limit = {.burst = 2, .per_second = 1}});
  const auto ask = [&](const std::string& token) {
    net::http_request request{.target = "/api/v1/admin/users"};
    request.headers.add("Authorization", "Bearer " + token);
    return api.respond(request);
  };
  const auto other = world.token_of(models::admin_role::read_only);
  EXPECT_EQ(ask(world.chief_token).headers.find("RateLimit"), R"("admin";r=1;t=0)");
  EXPECT_EQ(ask(world.chief_token).status, 200);
  const auto refused = ask(world.chief_token);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.headers.find("Retry-After"), "1");
  EXPECT_EQ(refused.headers.find("RateLimit-Policy"), R"("admin";q=2;w=2)");
  EXPECT_EQ(ask(other).status, 200);
  world.clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(ask(world.chief_token).status, 200);
}

}
}
