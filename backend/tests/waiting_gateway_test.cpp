#include <gtest/gtest.h>

#include "httvps/backend/services/issued_secret.hpp"
#include "support/api_world.hpp"

namespace httvps::backend {
namespace {

using test_support::api_world;

constexpr auto waiting = "/api/v1/gateway/config?rev=0&wait=30";

class WaitingGateway : public testing::Test {
 protected:
  api::api_reply poll(std::string target) const {
    net::http_request request{.method = "GET", .target = std::move(target)};
    request.headers.add("Authorization",
                        std::string("Bearer ").append(joined.credential.reveal_text()));
    return world.api.respond_or_hold(request);
  }
  bool is_code(const api::api_reply& reply, int status, std::string_view code) const {
    return reply.response.status == status && reply.response.body.find(code) != std::string::npos;
  }

  api_world world;
  services::gateway_service strict{
      world.tools, {.secret_hash = services::hash_secret(test_support::join_secret)}};
  services::joined_gateway joined = strict.join(world.join_order_for("north")).value();
};

TEST_F(WaitingGateway, IsHeldUntilTheRevisionChanges) {
  const auto reply = poll(waiting);
  EXPECT_TRUE(is_code(reply, 403, "gateway_pending"));
  ASSERT_TRUE(reply.held);
  EXPECT_EQ(reply.held->who, joined.gateway.id.text());
  EXPECT_EQ(reply.held->patience, std::chrono::seconds(30));
  EXPECT_EQ(reply.held->revision, world.gateways.revision().value());
  ASSERT_TRUE(world.gateways.approve(world.admin(), joined.gateway.id));
  EXPECT_NE(reply.held->revision, world.gateways.revision().value());
}

TEST_F(WaitingGateway, GetsTheConfigurationWithTheFirstPollAfterItsApproval) {
  ASSERT_TRUE(world.gateways.approve(world.admin(), joined.gateway.id));
  const auto reply = poll(waiting);
  EXPECT_FALSE(reply.held);
  EXPECT_TRUE(is_code(reply, 200, R"("state":"approved")"));
}

TEST_F(WaitingGateway, IsToldAtOnceWhenItDoesNotWantToWait) {
  for (const std::string target : {"/api/v1/gateway/config", "/api/v1/gateway/config?rev=0"}) {
    const auto reply = poll(target);
    EXPECT_TRUE(is_code(reply, 403, "gateway_pending"));
    EXPECT_FALSE(reply.held);
  }
}

TEST_F(WaitingGateway, LastTurnOfAPollIsAnsweredWithoutWaiting) {
  net::http_request request{.method = "GET", .target = waiting};
  request.headers.add("Authorization",
                      std::string("Bearer ").append(joined.credential.reveal_text()));
  const auto answer = world.api.respond(request);
  EXPECT_EQ(answer.status, 403);
}

TEST_F(WaitingGateway, OneThatIsRejectedIsNotHeld) {
  ASSERT_TRUE(world.gateways.reject(world.admin(), joined.gateway.id));
  const auto reply = poll(waiting);
  EXPECT_TRUE(is_code(reply, 403, "gateway_disabled"));
  EXPECT_FALSE(reply.held);
}

TEST_F(WaitingGateway, MayDoNothingElse) {
  net::http_request request{.method = "POST", .target = "/api/v1/nodes/assign-outline"};
  request.headers.add("Authorization",
                      std::string("Bearer ").append(joined.credential.reveal_text()));
  request.body = R"({"token":"x","region":""})";
  const auto answer = world.api.respond(request);
  EXPECT_EQ(answer.status, 403);
  EXPECT_NE(answer.body.find("gateway_pending"), std::string::npos);
}

}
}
