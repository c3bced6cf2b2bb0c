#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "fleet/support/fleet_world.hpp"

namespace httvps::testing {
namespace {

using std::chrono::seconds;

constexpr auto limit = seconds(30);
constexpr int killed = 128 + SIGKILL;
constexpr auto renewed_series = "httvps_gateway_credential_renewals_total{result=\"renewed\"}";
constexpr auto failed_series = "httvps_gateway_credential_renewals_total{result=\"failed\"}";

class CredentialRenewal : public ::testing::Test {
 protected:
  void begin() {
    tell_failpoints("");
    gateway_ = world_.start_gateway(
        "north", {{"GATEWAY_HEARTBEAT_INTERVAL", "200"}, {"HTTVPS_FAILPOINTS_FILE", failpoints()}});
    act("approve");
    ASSERT_TRUE(wait_for(limit, [&] { return is_ready(*gateway_); }));
    device_ = world_.enrol_at(*gateway_);
  }
  void act(const std::string& verb) const {
    const auto done = world_.ctl({"gateway", verb, world_.id_of("north")});
    EXPECT_EQ(done.exit_code, 0) << done.output;
  }
  std::string failpoints() { return world_.backend().folder.file("failpoints"); }
  void tell_failpoints(const std::string& lines) {
    std::ofstream(failpoints() + ".new", std::ios::trunc) << lines;
    std::filesystem::rename(failpoints() + ".new", failpoints());
  }
  std::string kept_credential() const { return world_.credential_of(*gateway_); }
  std::string refusal_of(const std::string& credential) {
    const auto answer = world_.backend().api->get("/api/v1/gateway/config", credential);
    return answer.status == 200 ? "" : answer.text("code");
  }
  void kill_at(const std::string& point) {
    tell_failpoints(point + " kill\n");
    act("renew-credential");
    ASSERT_EQ(gateway_->wait_for_exit(limit), killed) << point << " was never reached";
    tell_failpoints("");
  }
  bool carries_a_new_session() {
    const auto through = world_.connect(*gateway_, *device_);
    return through->wait_until_open() && world_.transfer(*through, 5000);
  }

  fleet_world world_{
      {{"BACKEND_CREDENTIAL_LIFE", "12000"}, {"BACKEND_CREDENTIAL_OVERLAP", "3000"}}};
  std::unique_ptr<gateway_process> gateway_;
  std::optional<fleet_device> device_;
};

TEST_F(CredentialRenewal, HappensBeforeTheEndUnderTrafficAndTheOldOneEnds) {
  ASSERT_NO_FATAL_FAILURE(begin());
  const auto first = kept_credential();
  EXPECT_EQ(refusal_of(first), "");
  const auto through = world_.connect(*gateway_, *device_);
  ASSERT_TRUE(through->wait_until_open());
  std::size_t transfers = 0;
  ASSERT_TRUE(wait_for(limit, [&] {
    transfers += world_.transfer(*through, 3000) ? 1 : 0;
    return !refusal_of(first).empty();
  }));
  EXPECT_GT(transfers, 10U);
  EXPECT_EQ(refusal_of(first), "credential_expired");
  EXPECT_GE(gateway_->metric(renewed_series), 1);
  EXPECT_EQ(gateway_->metric(failed_series), 0);
  EXPECT_GT(gateway_->metric("httvps_gateway_credential_expiry_seconds"), 0);
  EXPECT_NE(kept_credential(), first);
  EXPECT_TRUE(world_.transfer(*through, 3000)) << "the session lives through a renewal";
  EXPECT_TRUE(carries_a_new_session());
  EXPECT_EQ(gateway_->log().find("join_failed"), std::string::npos);
}

TEST_F(CredentialRenewal, KilledBetweenAnswerAndStoreItGoesOnWithThePresentOneAndRenewsAgain) {
  ASSERT_NO_FATAL_FAILURE(begin());
  const auto first = kept_credential();
  ASSERT_NO_FATAL_FAILURE(kill_at("gateway.credential.answered"));
  EXPECT_EQ(kept_credential(), first);
  gateway_->start_again();
  ASSERT_TRUE(gateway_->wait_until_ready());
  ASSERT_TRUE(gateway_->wait_for_metric(renewed_series, 1));
  EXPECT_NE(kept_credential(), first);
  EXPECT_TRUE(carries_a_new_session());
}

TEST_F(CredentialRenewal, KilledBetweenStoreAndFirstUseItGoesOnWithTheNextOne) {
  ASSERT_NO_FATAL_FAILURE(begin());
  const auto first = kept_credential();
  ASSERT_NO_FATAL_FAILURE(kill_at("gateway.credential.stored"));
  const auto second = kept_credential();
  ASSERT_NE(second, first);
  gateway_->start_again();
  ASSERT_TRUE(gateway_->wait_until_ready());
  EXPECT_TRUE(carries_a_new_session());
  EXPECT_TRUE(wait_for(limit, [&] { return refusal_of(first) == "credential_expired"; }))
      << "its first use ended the one before";
}

TEST_F(CredentialRenewal, AnswerThatIsLostIsAskedForAgain) {
  ASSERT_NO_FATAL_FAILURE(begin());
  const auto first = kept_credential();
  tell_failpoints("gateway.credential.answered drop\n");
  act("renew-credential");
  ASSERT_TRUE(gateway_->wait_for_metric(failed_series, 1));
  EXPECT_EQ(kept_credential(), first);
  tell_failpoints("");
  ASSERT_TRUE(gateway_->wait_for_metric(renewed_series, 1));
  EXPECT_NE(kept_credential(), first);
  EXPECT_TRUE(carries_a_new_session());
}

TEST_F(CredentialRenewal, RevokedGatewayJoinsAnewByItselfAndIsServedAgain) {
  ASSERT_NO_FATAL_FAILURE(begin());
  const auto first = kept_credential();
  act("revoke-credentials");
  EXPECT_EQ(refusal_of(first), "credential_revoked");
  ASSERT_TRUE(wait_for(limit, [&] { return kept_credential() != first; }));
  EXPECT_TRUE(carries_a_new_session());
  EXPECT_TRUE(gateway_->wait_for_log("credential_revoked"));
}

TEST_F(CredentialRenewal, BackendThatForgotTheLastOneIsEnteredWithTheOneBefore) {
  ASSERT_NO_FATAL_FAILURE(begin());
  const auto first = kept_credential();
  gateway_->kill_at_once();
  world_.forget_credential(*gateway_);
  ASSERT_NE(kept_credential(), first);
  gateway_->start_again();
  ASSERT_TRUE(gateway_->wait_until_ready());
  EXPECT_TRUE(wait_for(limit, [&] {
    return gateway_->log().find("another_credential_tried") != std::string::npos;
  }));
  EXPECT_TRUE(carries_a_new_session());
  EXPECT_EQ(gateway_->log().find("join_failed"), std::string::npos);
}

}
}
