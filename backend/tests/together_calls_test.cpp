#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <string_view>

#include "support/api_world.hpp"

namespace httvps::backend {
namespace {

constexpr std::string_view path = "/api/v1/auth/validate-device";

struct TogetherCalls : ::testing::Test {
  static std::string body(const std::string& token, const std::string& session) {
    return boost::json::serialize(boost::json::object{{"token", token}, {"session", session}});
  }
  std::shared_ptr<const net::http_request> post(std::string_view bearer, std::string text) const {
    auto request = std::make_shared<net::http_request>(
        net::http_request{.method = "POST", .target = std::string(path), .body = std::move(text)});
    if (!bearer.empty()) {
      request->headers.add("Authorization", "Bearer " + std::string(bearer));
    }
    return request;
  }
  std::vector<int> statuses_of(const api::request_list& requests) const {
    std::vector<int> statuses;
    for (const auto& each : world.api.respond_together(requests)) {
      statuses.push_back(each.status);
    }
    return statuses;
  }

  test_support::api_world world;
  models::user user = world.add_user();
  services::subscription_report subscription = world.subscribe(user, world.add_plan());
  services::joined_gateway gateway = world.join();
  std::string credential{gateway.credential.reveal_text()};
  std::string token = world.enrol(user, gateway.gateway).answer.token;
};

TEST_F(TogetherCalls, EachIsAnsweredAsItWouldBeAlone) {
  const api::request_list requests = {post(credential, body(token, "00000000000000a1")),
                                      post("", body(token, "00000000000000a2")),
                                      post("gw_of_nobody", body(token, "00000000000000a3")),
                                      post(credential, body(token, "not hexadecimal")),
                                      post(credential, "{"),
                                      post(credential, body(token, "00000000000000a4"))};
  const auto together = world.api.respond_together(requests);
  ASSERT_EQ(together.size(), requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const auto alone = world.api.respond(*requests[i]);
    EXPECT_EQ(together[i].status, alone.status) << i;
    EXPECT_EQ(together[i].body, alone.body) << i;
  }
  EXPECT_EQ(statuses_of(requests), (std::vector<int>{200, 401, 401, 422, 400, 200}));
}

TEST_F(TogetherCalls, CallsOfOtherRoutesInTheSameGroupAreServed) {
  auto other = std::make_shared<net::http_request>(net::http_request{.target = "/openapi.json"});
  const auto unknown =
      std::make_shared<net::http_request>(net::http_request{.target = "/api/v1/nothing"});
  EXPECT_EQ(statuses_of({other, post(credential, body(token, "00000000000000a1")), unknown}),
            (std::vector<int>{200, 200, 404}));
}

TEST_F(TogetherCalls, OnlyValidationsAreKeptForAGroup) {
  EXPECT_EQ(world.api.place_of(*post(credential, "")), api::work_place::together);
  EXPECT_EQ(world.api.place_of({.method = "GET", .target = std::string(path)}),
            api::work_place::blocking_pool);
  EXPECT_EQ(world.api.place_of({.method = "POST", .target = "/api/v1/usage/report"}),
            api::work_place::blocking_pool);
}

}
}
