#include <gtest/gtest.h>

#include "support/login_world.hpp"

namespace httvps::backend {
namespace {

using test_support::api_reply;

constexpr std::string_view proxy = "127.0.0.1";
constexpr std::string_view code_body =
    R"({"code":"00000-00000","device_key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})";

class ClientAddress : public ::testing::Test {
 protected:
  ClientAddress() { world.add_account("Ada", models::admin_role::admin); }

  api_reply send(std::string_view peer, const std::string& target, std::string_view body,
                 std::initializer_list<net::http_field> headers) {
    const auto response = api.respond({.method = "POST",
                                       .target = target,
                                       .headers = headers,
                                       .body = std::string(body),
                                       .peer_address = std::string(peer),
                                       .request_id = "request-1"});
    return {.status = response.status, .body = response.body, .headers = response.headers};
  }
  int try_login(std::string_view peer, const std::string& forwarded, std::string_view name) {
    return send(peer, "/api/v1/admin/login",
                R"({"name":")" + std::string(name) + R"(","password":"not the password"})",
                {{"X-Forwarded-For", forwarded}})
        .status;
  }

  test_support::login_world world;
  base::metric_registry metrics;
  api::control_api api{world.services(),
                       {.clock = world.clock,
                        .metrics = metrics,
                        .log = {},
                        .login_limit = {.burst = 2, .per_second = 0.001},
                        .code_limit = {.burst = 2, .per_second = 0.001},
                        .proxies = api::trusted_proxies::parse("127.0.0.0/8").value()}};
};

TEST_F(ClientAddress, LoginsBehindAProxyAreLimitedByClient) {
  EXPECT_EQ(try_login(proxy, "198.51.100.1", "a"), 401);
  EXPECT_EQ(try_login(proxy, "198.51.100.1", "b"), 401);
  EXPECT_EQ(try_login(proxy, "198.51.100.1", "c"), 429);
  EXPECT_EQ(try_login(proxy, "198.51.100.2", "d"), 401);
}

TEST_F(ClientAddress, ForgedHopsDoNotGiveFreshTries) {
  EXPECT_EQ(try_login(proxy, "192.0.2.1, 198.51.100.1", "a"), 401);
  EXPECT_EQ(try_login(proxy, "192.0.2.2, 198.51.100.1", "b"), 401);
  EXPECT_EQ(try_login(proxy, "192.0.2.3, 198.51.100.1", "c"), 429);
  EXPECT_EQ(try_login("203.0.113.9", "198.51.100.5", "d"), 401);
  EXPECT_EQ(try_login("203.0.113.9", "198.51.100.6", "e"), 401);
  EXPECT_EQ(try_login("203.0.113.9", "198.51.100.7", "f"), 429);
}

TEST_F(ClientAddress, EnrolmentCodesAreLimitedByClient) {
  const auto redeem = [&](const std::string& forwarded) {
    return send(proxy, "/api/v1/enrolment-codes:redeem", code_body,
                {{"X-Forwarded-For", forwarded}})
        .status;
  };
  const auto first = redeem("198.51.100.1");
  EXPECT_NE(first, 429);
  EXPECT_EQ(redeem("198.51.100.1"), first);
  EXPECT_EQ(redeem("198.51.100.1"), 429);
  EXPECT_EQ(redeem("2001:db8:1::1"), first);
  EXPECT_EQ(redeem("2001:db8:1::2"), first);
  EXPECT_EQ(redeem("2001:db8:1::3"), 429) << "a /64 is one client";
}

TEST_F(ClientAddress, AuditLinesNameTheClient) {
  const auto made = send(proxy, "/api/v1/admin/users", R"({"name":"Grace"})",
                         {{"Authorization", "Bearer " + world.chief_token},
                          {"X-Forwarded-For", "192.0.2.66, 2001:db8::7"}});
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(world.audit.newest({.size = 1}).value().items.front().address, "2001:db8::7");
  ASSERT_EQ(
      send("203.0.113.9", "/api/v1/admin/users", R"({"name":"Alan"})",
           {{"Authorization", "Bearer " + world.chief_token}, {"X-Forwarded-For", "2001:db8::7"}})
          .status,
      201);
  EXPECT_EQ(world.audit.newest({.size = 1}).value().items.front().address, "203.0.113.9");
}

TEST_F(ClientAddress, LoginLinesNameTheClient) {
  const auto opened =
      send(proxy, "/api/v1/admin/login", R"({"name":"Ada","password":"correct horse battery"})",
           {{"X-Forwarded-For", "198.51.100.1"}});
  ASSERT_EQ(opened.status, 200) << opened.body;
  EXPECT_EQ(world.audit.newest({.size = 1}).value().items.front().address, "198.51.100.1");
}

TEST_F(ClientAddress, LinesOfGatewaysNameTheClient) {
  const auto joined = world.join();
  const auto renewed =
      send(proxy, "/api/v1/gateway/credential:renew", "",
           {{"Authorization", "Bearer " + std::string(joined.credential.reveal_text())},
            {"X-Forwarded-For", "198.51.100.9"}});
  ASSERT_EQ(renewed.status, 200) << renewed.body;
  EXPECT_EQ(world.audit.newest({.size = 1}).value().items.front().address, "198.51.100.9");
}

}
}
