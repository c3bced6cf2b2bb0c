#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "httvps/backend/services/errc.hpp"
#include "support/api_world.hpp"

namespace httvps::backend {
namespace {

namespace json = boost::json;

using services::errc;

class busy_store final : public services::store {
 public:
  base::result<> read(const services::transaction&) override { return busy(); }
  base::result<> write(const services::transaction&) override { return busy(); }
  base::result<> note(const services::transaction&) override { return busy(); }
  base::result<> note_later(const services::transaction&) override { return busy(); }
  std::uint64_t callers_revision() const noexcept override { return 0; }
  std::uint32_t schema_version() const noexcept override { return 0; }

 private:
  static base::result<> busy() { return base::fail(errc::storage_busy); }
};

json::object entry(const std::string& token, const std::string& session) {
  return {{"token", token}, {"session", session}, {"epoch", "0a"}};
}

std::string body_of(json::array items) {
  return json::serialize(json::object{{"items", std::move(items)}});
}

json::array items_of(const test_support::api_reply& reply) {
  return json::parse(reply.body).at("items").as_array();
}

class ValidationBatch : public ::testing::Test {
 protected:
  test_support::enrolled enrol(const std::string& name) {
    const auto user = world.add_user(name);
    world.subscribe(user, terms);
    return world.enrol(user, joined.gateway);
  }
  test_support::api_reply ask(const std::string& body) { return ask(world.api, body); }
  test_support::api_reply ask(const api::control_api& api, const std::string& body) {
    const auto response = api.respond({.method = "POST",
                                       .target = "/api/v1/gateway/devices:validate",
                                       .headers = {{"Authorization", "Bearer " + credential}},
                                       .body = body,
                                       .request_id = "request-1"});
    return {.status = response.status, .body = response.body, .headers = response.headers};
  }
  std::string first_problem(const std::string& body) {
    const auto reply = ask(body);
    const auto refused = json::parse(reply.body).as_object();
    const auto& first = refused.at("errors").as_array().at(0).as_object();
    return std::to_string(reply.status) + " " + std::string(first.at("pointer").as_string()) + " " +
           std::string(first.at("code").as_string());
  }

  test_support::api_world world;
  models::plan terms = world.add_plan({.session_limit = 2});
  services::joined_gateway joined = world.join();
  std::string credential = std::string(joined.credential.reveal_text());
  test_support::enrolled ada = enrol("ada");
  test_support::enrolled grace = enrol("grace");
};

TEST_F(ValidationBatch, EachEntryGetsItsOwnAnswerInTheOrderOfTheRequest) {
  ASSERT_TRUE(world.devices.revoke(world.admin(), grace.answer.device.id));
  const auto reply = ask(body_of({entry(ada.answer.token, "00000000000000a1"),
                                  entry("v4.public.x", "00000000000000a2"),
                                  entry(grace.answer.token, "00000000000000a3"),
                                  entry(ada.answer.token, "00000000000000a4")}));
  ASSERT_EQ(reply.status, 200) << reply.body;
  const auto items = items_of(reply);
  ASSERT_EQ(items.size(), 4U);
  EXPECT_EQ(items[0].at("device_id").as_string(), ada.answer.device.id.text());
  EXPECT_EQ(items[0].at("policy").at("session_limit").to_number<int>(), 2);
  EXPECT_EQ(items[1].at("code").as_string(), "token_invalid");
  EXPECT_EQ(items[2].at("code").as_string(), "device_revoked");
  EXPECT_TRUE(items[3].at("allow").as_bool());
}

TEST_F(ValidationBatch, AnswersWhatTheSingleCallAnswers) {
  for (const auto& token : {ada.answer.token, std::string("v4.public.x")}) {
    const auto alone = world.call({.method = "POST",
                                   .target = "/api/v1/auth/validate-device",
                                   .token = credential,
                                   .body = json::serialize(entry(token, "00000000000000b1"))});
    const auto together = ask(body_of({entry(token, "00000000000000b1")}));
    EXPECT_EQ(json::parse(alone.body), items_of(together).at(0));
  }
}

TEST_F(ValidationBatch, SessionsOfABatchCountAtOtherProcesses) {
  for (const auto* epoch : {"0a", "0b"}) {
    ASSERT_TRUE(world.validation.take_roll(
        joined.gateway,
        {.epoch = epoch, .roll = "000000000000000a", .seq = 0, .held = {}, .ended = {}}));
  }
  ASSERT_EQ(ask(body_of({entry(ada.answer.token, "00000000000000a1"),
                         entry(ada.answer.token, "00000000000000a2")}))
                .status,
            200);
  auto elsewhere = entry(ada.answer.token, "00000000000000a3");
  elsewhere["epoch"] = "0b";
  const auto items = items_of(ask(body_of({elsewhere})));
  EXPECT_EQ(items[0].at("sessions_elsewhere").to_number<int>(), 1);
}

TEST_F(ValidationBatch, FaultOfTheServerIsNamedForTheEntryAndDenialsStay) {
  busy_store busy;
  const services::service_tools tools{.storage = busy,
                                      .authority = world.authority,
                                      .cipher = world.cipher,
                                      .clock = world.clock,
                                      .random = world.random,
                                      .fleet = world.fleet};
  const services::validation_service stuck(tools);
  const auto all = world.services();
  base::metric_registry metrics;
  const api::control_api api({.access = all.access,
                              .admin_tokens = all.admin_tokens,
                              .admins = all.admins,
                              .sessions = all.sessions,
                              .audit = all.audit,
                              .accounts = all.accounts,
                              .credentials = all.credentials,
                              .devices = all.devices,
                              .gateways = all.gateways,
                              .keys = all.keys,
                              .nodes = all.nodes,
                              .fleet = all.fleet,
                              .idempotency = all.idempotency,
                              .policies = all.policies,
                              .quota = all.quota,
                              .refusals = all.refusals,
                              .settings = all.settings,
                              .trust = all.trust,
                              .usage = all.usage,
                              .usage_proof = all.usage_proof,
                              .validation = stuck,
                              .withdrawals = all.withdrawals,
                              .authority = all.authority,
                              .storage = all.storage},
                             {.clock = world.clock, .metrics = metrics, .log = {}});
  const auto items = items_of(ask(api, body_of({entry("v4.public.x", "00000000000000a1"),
                                                entry(ada.answer.token, "00000000000000a2")})));
  EXPECT_EQ(items.at(0).at("code").as_string(), "token_invalid");
  EXPECT_EQ(items.at(1).at("problem").at("code").as_string(), "storage_busy");
  EXPECT_EQ(items.at(1).at("problem").at("status").to_number<int>(), 503);
  const auto shown = metrics.expose();
  for (const auto* series :
       {R"({result="failed",code="storage_busy"} 1)", R"({result="denied",code="token_invalid"} 1)",
        R"({result="denied",code="device_revoked"} 0)", R"({result="allowed",code="none"} 0)"}) {
    EXPECT_NE(shown.find(std::string("httvps_backend_validations_total").append(series)),
              std::string::npos)
        << series;
  }
}

TEST_F(ValidationBatch, BoundsAreNamedWithTheirPlace) {
  const auto good = entry(ada.answer.token, "00000000000000a1");
  auto odd = good;
  odd["session"] = "short";
  EXPECT_EQ(first_problem(body_of({})), "422 /items too_few");
  EXPECT_EQ(first_problem(body_of(json::array(101, good))), "422 /items too_many");
  EXPECT_EQ(first_problem(body_of({good, good, odd})), "422 /items/2/session too_short");
  EXPECT_EQ(ask(body_of(json::array(100, good))).status, 200);
}

TEST_F(ValidationBatch, OnlyAnApprovedGatewayAsks) {
  const auto body = body_of({entry(ada.answer.token, "00000000000000a1")});
  const auto target = std::string("/api/v1/gateway/devices:validate");
  EXPECT_EQ(
      world.call({.method = "POST", .target = target, .token = world.chief_token, .body = body})
          .status,
      401);
  ASSERT_TRUE(world.gateways.quarantine(world.admin(), joined.gateway.id));
  EXPECT_EQ(ask(body).code(), "gateway_disabled");
}

}
}
