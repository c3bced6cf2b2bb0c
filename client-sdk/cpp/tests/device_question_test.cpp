#include "httvps/sdk/device_question.hpp"

#include <gtest/gtest.h>

#include "httvps/sdk/errc.hpp"
#include "httvps/sdk/tunnel.hpp"
#include "rig.hpp"

namespace httvps::sdk {
namespace {

using namespace std::chrono_literals;
using net::asio::awaitable;
using testing::address_where_nobody_listens;
using testing::play;
using testing::rig;
using testing::soon;
using outcome = std::expected<std::string, control_problem>;

constexpr const char* some_device = "dev_bbbbbbbbbbbbbbbbbbbbbbbbbb";

outcome no_outcome() {
  return std::unexpected(control_problem{.code = errc::tunnel_stopped, .sentence = {}});
}

awaitable<void> ask_into(lone_question wanted, outcome* got) {
  *got = co_await ask_alone(std::move(wanted), soon());
}

lone_question question_of(const rig& with, question_kind kind, std::string id = {}) {
  return {.account = with.options().account,
          .question = {.kind = kind, .device_id = std::move(id)}};
}

outcome asked_alone(rig& with, lone_question wanted) {
  auto got = no_outcome();
  with.loop.run(ask_into(std::move(wanted), &got));
  return got;
}

base::error failure_of(const outcome& got) {
  return got ? base::error() : got.error().code;
}

TEST(DeviceQuestion, EachKindIsItsOwnCallOverTheTunnelsConnection) {
  rig with;
  play(with, with.options(), [](rig* rig, tunnel* through) -> awaitable<void> {
    EXPECT_TRUE(co_await through->ready(soon()));
    while (!through->status().connected_since) {
      static_cast<void>(co_await net::sleep_until(net::deadline_after(5ms)));
    }
    const std::pair<device_question, const char*> each[] = {
        {{.kind = question_kind::account}, R"({"asked":"GET /api/v1/me"})"},
        {{.kind = question_kind::regions}, R"({"asked":"GET /api/v1/regions"})"},
        {{.kind = question_kind::devices}, R"({"asked":"GET /api/v1/me/devices"})"},
        {{.kind = question_kind::revocation, .device_id = some_device},
         R"({"asked":"POST /api/v1/me/devices/dev_bbbbbbbbbbbbbbbbbbbbbbbbbb:revoke"})"}};
    for (const auto& [question, expected] : each) {
      const auto got = co_await through->ask(question, soon());
      EXPECT_EQ(got.value_or(""), expected);
    }
    EXPECT_EQ(rig->gateway.counts().connections, 1U);
    EXPECT_EQ(rig->gateway.counts().streams, 4U);
  });
}

TEST(DeviceQuestion, QuestionBeforeTheTunnelStandsHasAConnectionOfItsOwn) {
  rig with;
  auto options = with.options();
  play(with, std::move(options), [](rig* rig, tunnel* through) -> awaitable<void> {
    const auto got = co_await through->ask({.kind = question_kind::account}, soon());
    EXPECT_EQ(got.value_or(""), R"({"asked":"GET /api/v1/me"})");
    EXPECT_EQ(rig->gateway.counts().sessions, 2U);
  });
}

TEST(DeviceQuestion, QuestionThatFindsNoPlaceEndsAtItsDeadline) {
  rig with;
  with.gateway.rules().answers_hello = false;
  auto options = with.options();
  options.carriers.carriers_most = 1;
  play(with, std::move(options), [](rig* rig, tunnel* through) -> awaitable<void> {
    while (through->status().connections == 0) {
      static_cast<void>(co_await net::sleep_until(net::deadline_after(5ms)));
    }
    const auto got = co_await through->ask({}, net::deadline_after(200ms));
    EXPECT_EQ(failure_of(got), net::errc::timed_out);
    EXPECT_LE(rig->gateway.counts().connections, 1U);
  });
}

TEST(DeviceQuestion, StoppedTunnelAsksNothing) {
  rig with;
  play(with, with.options(), [](rig*, tunnel* through) -> awaitable<void> {
    EXPECT_TRUE(co_await through->stop(soon()));
    EXPECT_EQ(failure_of(co_await through->ask({}, soon())), errc::tunnel_stopped);
  });
}

TEST(DeviceQuestion, AloneItTakesOneShortSession) {
  rig with;
  const auto got = asked_alone(with, question_of(with, question_kind::regions));
  EXPECT_EQ(got.value_or(""), R"({"asked":"GET /api/v1/regions"})");
  EXPECT_EQ(with.gateway.counts().sessions, 1U);
  EXPECT_EQ(with.gateway.counts().renewals, 0U);
}

TEST(DeviceQuestion, ExpiredTokenIsRenewedOverTheSameSessionFirst) {
  rig with;
  with.issuer.now = testing::real_now() - 5h;
  auto wanted = question_of(with, question_kind::account);
  with.issuer.now = testing::real_now();
  const auto got = asked_alone(with, std::move(wanted));
  EXPECT_EQ(got.value_or(""), R"({"asked":"GET /api/v1/me"})");
  EXPECT_EQ(with.gateway.counts().sessions, 1U);
  EXPECT_EQ(with.gateway.counts().renewals, 1U);
}

TEST(DeviceQuestion, NextGatewayIsAskedWhenOneIsAway) {
  rig with;
  auto away = with.gateway.entry();
  away.id = "gw_away";
  away.addresses = {address_where_nobody_listens(with)};
  with.issuer.gateways = {away, with.gateway.entry()};
  const auto both = question_of(with, question_kind::devices);
  with.issuer.gateways = {away};
  const auto none = question_of(with, question_kind::devices);
  with.issuer.gateways = {with.gateway.entry()};
  EXPECT_EQ(failure_of(asked_alone(with, both)), base::error());
  EXPECT_EQ(failure_of(asked_alone(with, none)), errc::gateway_refused);
}

TEST(DeviceQuestion, RevokedDeviceIsToldSo) {
  rig with;
  with.gateway.rules().refuse_sessions = wire::errc::device_revoked;
  const auto got = asked_alone(with, question_of(with, question_kind::account));
  EXPECT_EQ(failure_of(got), wire::errc::device_revoked);
}

TEST(DeviceQuestion, UnknownDeviceIsNamedWithTheSentenceOfTheControlPlane) {
  rig with;
  with.gateway.rules().control_status = 404;
  with.gateway.rules().control_code = "device_not_found";
  const auto got = asked_alone(with, question_of(with, question_kind::revocation, some_device));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::device_not_found);
  EXPECT_EQ(got.error().sentence, "As the test asked.");
}

TEST(DeviceQuestion, TextThatIsNoIdNeverBecomesAPath) {
  rig with;
  const std::string longest(device_id_limit, 'a');
  for (const auto& text : {std::string(), std::string("../me"), std::string("Dev_1"),
                           std::string("dev 1"), std::string("dev_1:revoke"), longest + "a"}) {
    EXPECT_FALSE(is_device_id(text)) << text;
    const auto got = asked_alone(with, question_of(with, question_kind::revocation, text));
    EXPECT_EQ(failure_of(got), errc::device_not_found) << text;
  }
  EXPECT_TRUE(is_device_id(longest));
  EXPECT_TRUE(is_device_id(some_device));
  EXPECT_EQ(with.gateway.counts().streams, 0U);
}

}
}
