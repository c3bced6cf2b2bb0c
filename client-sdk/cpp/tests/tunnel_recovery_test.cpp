#include <gtest/gtest.h>

#include "httvps/sdk/errc.hpp"
#include "httvps/sdk/tunnel.hpp"
#include "tunnel_steps.hpp"

namespace httvps::sdk {
namespace {

using namespace std::chrono_literals;
using net::asio::awaitable;
using testing::address_where_nobody_listens;
using testing::counted_stream;
using testing::domain;
using testing::echoes;
using testing::failure_of;
using testing::pattern;
using testing::play;
using testing::rig;
using testing::soon;
using testing::wait_for;

awaitable<void> read_into(tunnel_stream* stream, base::result<base::byte_vector>* got) {
  *got = co_await testing::read_until_end(stream);
}

TEST(Tunnel, StreamsOutliveACutCarrier) {
  rig with;
  play(with, [](rig* rig, tunnel* through) -> awaitable<void> {
    EXPECT_TRUE(co_await through->ready(soon()));
    auto stream = counted_stream(through);
    EXPECT_TRUE(co_await stream->write_all(pattern(1000, 1), soon()));
    co_await wait_for(
        rig, [](auto& with, auto&) { return with.gateway.counts().streams == 1; }, through);
    rig->gateway.cut_carriers();
    EXPECT_TRUE(co_await testing::send_and_finish(&*stream, pattern(500, 1)));
    const auto answer = co_await testing::read_until_end(&*stream);
    EXPECT_TRUE(answer && base::as_text(*answer) == "1500");
    EXPECT_EQ(rig->gateway.counts().sessions, 1U);
    EXPECT_GE(rig->gateway.counts().resumed, 1U);
    EXPECT_EQ(through->status().resumes, 1U);
    EXPECT_EQ(through->status().phase, tunnel_phase::connected);
  });
}

TEST(Tunnel, BulkStreamIsExactThoughItsCarriersAreCutAllTheTime) {
  rig with;
  play(with, [](rig* rig, tunnel* through) -> awaitable<void> {
    EXPECT_TRUE(co_await through->ready(soon()));
    auto stream = through->open_stream(domain("source-30000000"));
    EXPECT_TRUE(stream);
    net::scope reading(rig->loop.get_executor());
    base::result<base::byte_vector> got;
    EXPECT_TRUE(reading.spawn(read_into(&*stream, &got)));
    for (int cut = 0; cut < 8; ++cut) {
      EXPECT_TRUE(co_await net::sleep_until(net::deadline_after(30ms)));
      rig->gateway.cut_carriers();
    }
    EXPECT_TRUE(co_await reading.join(soon()));
    EXPECT_TRUE(got && got->size() == 30'000'000U);
    EXPECT_EQ(rig->gateway.counts().sessions, 1U);
  });
}

TEST(Tunnel, LostGatewayResetsItsStreamsAndTheTunnelComesBackByItself) {
  rig with;
  play(with, [](rig* rig, tunnel* through) -> awaitable<void> {
    EXPECT_TRUE(co_await through->ready(soon()));
    auto stream = counted_stream(through);
    EXPECT_TRUE(co_await stream->write_all(pattern(1000, 1), soon()));
    co_await wait_for(
        rig, [](auto& with, auto&) { return with.gateway.counts().streams == 1; }, through);
    rig->gateway.lose_sessions();
    base::byte_array<16> space;
    const auto got = co_await stream->read_some(space, soon());
    EXPECT_EQ(failure_of(got), wire::errc::gateway_lost);
    EXPECT_TRUE(co_await through->ready(soon()));
    EXPECT_EQ(co_await echoes(through, pattern(5000, 2)), true);
    EXPECT_EQ(rig->gateway.counts().sessions, 2U);
    EXPECT_TRUE(through->status().last_failure);
  });
}

TEST(Tunnel, StreamOpenedWhileItsGatewayIsLostIsServedByTheNextSession) {
  rig with;
  play(with, [](rig* rig, tunnel* through) -> awaitable<void> {
    EXPECT_TRUE(co_await through->ready(soon()));
    EXPECT_EQ(co_await echoes(through, pattern(1000, 1)), true);
    rig->gateway.lose_sessions();
    auto stream = counted_stream(through);
    co_await wait_for(
        rig, [](auto& with, auto&) { return with.gateway.counts().sessions == 2; }, through);
    EXPECT_EQ(through->status().last_failure->code, wire::errc::gateway_lost);
    EXPECT_TRUE(co_await testing::send_and_finish(&*stream, pattern(50'000, 2)));
    const auto answer = co_await testing::read_until_end(&*stream);
    EXPECT_TRUE(answer && base::as_text(*answer) == "50000");
    EXPECT_EQ(through->status().phase, tunnel_phase::connected);
  });
}

TEST(Tunnel, WebSiteInPlaceOfTheGatewayIsReportedToWhoeverWaits) {
  rig with;
  with.gateway.rules().recognise = testing::recognition_rule::nobody;
  play(with, [](rig*, tunnel* through) -> awaitable<void> {
    const auto outcome = co_await through->ready(soon());
    EXPECT_EQ(failure_of(outcome), errc::gateway_did_not_recognise);
    EXPECT_EQ(through->status().last_failure->code, errc::gateway_did_not_recognise);
  });
}

TEST(Tunnel, RefusedSessionIsReportedWithTheGatewaysSentence) {
  rig with;
  with.gateway.rules().refuse_sessions = wire::errc::quota_exceeded;
  play(with, [](rig*, tunnel* through) -> awaitable<void> {
    const auto outcome = co_await through->ready(soon());
    EXPECT_EQ(failure_of(outcome), wire::errc::quota_exceeded);
    EXPECT_EQ(through->status().last_failure->sentence, "The double refuses.");
  });
}

TEST(Tunnel, RefusalThatNamesAWaitIsHeeded) {
  rig with;
  with.gateway.rules().refuse_sessions = wire::errc::gateway_draining;
  with.gateway.rules().retry_after = 60s;
  play(with, [](rig* rig, tunnel* through) -> awaitable<void> {
    EXPECT_FALSE(co_await through->ready(soon()));
    EXPECT_TRUE(co_await net::sleep_until(net::deadline_after(500ms)));
    EXPECT_EQ(rig->gateway.counts().connections, 1U);
  });
}

TEST(Tunnel, NextGatewayIsTriedWhenOneIsAway) {
  rig with;
  auto away = with.gateway.entry();
  away.id = "gw_away";
  away.addresses = {address_where_nobody_listens(with)};
  with.issuer.gateways = {away, with.gateway.entry()};
  auto options = with.options();
  with.issuer.gateways = {with.gateway.entry()};
  play(with, std::move(options), [](rig*, tunnel* through) -> awaitable<void> {
    EXPECT_EQ(failure_of(co_await through->ready(soon())), errc::gateway_refused);
    EXPECT_TRUE(co_await through->ready(soon()));
    EXPECT_EQ(through->status().gateway_id, "gw_one");
  });
}

TEST(Tunnel, GatewayThatNeverAnswersTheHelloIsGivenUp) {
  rig with;
  with.gateway.rules().answers_hello = false;
  auto options = with.options();
  options.welcome_patience = 100ms;
  play(with, std::move(options), [](rig*, tunnel* through) -> awaitable<void> {
    EXPECT_EQ(failure_of(co_await through->ready(soon())), errc::gateway_timed_out);
  });
}

TEST(Tunnel, WaitingCallerMakesTheTunnelTryAtOnce) {
  rig with;
  with.gateway.rules().recognise = testing::recognition_rule::nobody;
  auto options = with.options();
  options.backoff = {.least = 60s, .most = 60s};
  play(with, std::move(options), [](rig* rig, tunnel* through) -> awaitable<void> {
    EXPECT_FALSE(co_await through->ready(soon()));
    rig->gateway.rules().recognise = testing::recognition_rule::knock;
    EXPECT_TRUE(co_await through->ready(soon()));
  });
}

TEST(Tunnel, LeavingGatewayKeepsOldStreamsAndGetsNewOnesOnAnotherSession) {
  rig with;
  play(with, [](rig* rig, tunnel* through) -> awaitable<void> {
    EXPECT_TRUE(co_await through->ready(soon()));
    auto stream = counted_stream(through);
    EXPECT_TRUE(co_await stream->write_all(pattern(1000, 1), soon()));
    co_await wait_for(
        rig, [](auto& with, auto&) { return with.gateway.counts().streams == 1; }, through);
    rig->gateway.go_away(5s);
    co_await wait_for(
        rig, [](auto& with, auto&) { return with.gateway.counts().sessions == 2; }, through);
    EXPECT_EQ(co_await echoes(through, pattern(5000, 2)), true);
    EXPECT_TRUE(co_await testing::send_and_finish(&*stream, pattern(500, 1)));
    const auto answer = co_await testing::read_until_end(&*stream);
    EXPECT_TRUE(answer && base::as_text(*answer) == "1500");
  });
}

}
}
