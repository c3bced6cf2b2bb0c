#include <gtest/gtest.h>

#include "httvps/base/bytes.hpp"
#include "httvps/identity/device_proof.hpp"
#include "support/api_world.hpp"

namespace httvps::backend {
namespace {

using test_support::api_reply;

constexpr std::string_view path = "/api/v1/devices/token";
constexpr std::string_view body = "{}";
const std::string one_attempt(32, 'a');
const std::string other_attempt(32, 'b');

class ProofAttempts : public testing::Test {
 protected:
  api_reply show(const services::joined_gateway& through, const std::string& attempt) {
    net::http_request request{.method = "POST",
                              .target = std::string(path),
                              .body = std::string(body),
                              .peer_address = "192.0.2.9",
                              .request_id = "request-7"};
    request.headers.add("X-HTTVPS-Gateway",
                        "Bearer " + std::string(through.credential.reveal_text()));
    request.headers.add("Authorization", proof);
    if (!attempt.empty()) {
      request.headers.add("X-HTTVPS-Attempt", attempt);
    }
    auto answer = world.api.respond(request);
    return {.status = answer.status, .body = std::move(answer.body)};
  }

  test_support::api_world world;
  models::user user = world.add_user();
  services::subscription_report subscription = world.subscribe(user, world.add_plan());
  services::joined_gateway first = world.join("first");
  services::joined_gateway second = world.join("second");
  test_support::enrolled device = world.enrol(user, first.gateway);
  std::string proof =
      identity::build_device_proof(
          {.method = "POST", .path = path, .body = base::as_bytes(body)},
          {.token = device.answer.token, .device = device.key, .now = world.clock.system_now()})
          .value();
};

TEST_F(ProofAttempts, SameGatewayMayShowTheSameAttemptAgain) {
  EXPECT_EQ(show(first, one_attempt).status, 200);
  EXPECT_EQ(show(first, one_attempt).status, 200);
}

TEST_F(ProofAttempts, AnotherGatewayOrAttemptIsAReplay) {
  ASSERT_EQ(show(first, one_attempt).status, 200);
  EXPECT_EQ(show(first, other_attempt).code(), "proof_replayed");
  EXPECT_EQ(show(second, one_attempt).code(), "proof_replayed");
  EXPECT_EQ(show(first, "").code(), "proof_replayed");
}

TEST_F(ProofAttempts, MalformedAttemptIsNone) {
  for (const auto& bad : {std::string(31, 'a'), std::string(33, 'a'), std::string(32, 'G'),
                          std::string("0123456789abcdef0123456789abcde/")}) {
    world.clock.advance(std::chrono::seconds(1));
    proof =
        identity::build_device_proof(
            {.method = "POST", .path = path, .body = base::as_bytes(body)},
            {.token = device.answer.token, .device = device.key, .now = world.clock.system_now()})
            .value();
    EXPECT_EQ(show(first, bad).status, 200) << bad;
    EXPECT_EQ(show(first, bad).code(), "proof_replayed") << bad;
  }
}

}
}
