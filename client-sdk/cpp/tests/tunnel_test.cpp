#include "httvps/sdk/tunnel.hpp"

#include <gtest/gtest.h>

#include "httvps/sdk/errc.hpp"
#include "httvps/sdk/freeze_memory.hpp"
#include "rig.hpp"

namespace httvps::sdk {
namespace {

using namespace std::chrono_literals;
using net::asio::awaitable;
using testing::address_where_nobody_listens;
using testing::domain;
using testing::echoes;
using testing::pattern;
using testing::play;
using testing::rig;
using testing::soon;
using testing::tunnel_script;

template <typename T>
base::error failure_of(const base::result<T>& outcome) {
  return outcome ? base::error() : outcome.error();
}

void play(rig& with, tunnel_script script) {
  play(with, with.options(), script);
}

base::result<tunnel_stream> counted_stream(tunnel* through) {
  auto stream = through->open_stream(domain("count"));
  EXPECT_TRUE(stream);
  return stream;
}

awaitable<void> wait_for(rig* with, bool (*holds)(const rig&, const tunnel_status&),
                         tunnel* through) {
  const auto limit = soon();
  while (!holds(*with, through->status()) && base::real_clock().steady_now() < limit) {
    static_cast<void>(co_await net::sleep_until(net::deadline_after(5ms)));
  }
  EXPECT_TRUE(holds(*with, through->status()));
}

TEST(Tunnel, EchoComesBackByteForByteAfterHalfClose) {
  rig with;
  play(with, [](rig* rig, tunnel* through) -> awaitable<void> {
    EXPECT_TRUE(co_await through->ready(soon()));
    EXPECT_EQ(co_await echoes(through, pattern(3'000'000, 1)), true);
    EXPECT_EQ(rig->gateway.counts().sessions, 1U);
    EXPECT_GE(through->status().bytes_up, 3'000'000U);
    EXPECT_GE(through->status().bytes_down, 3'000'000U);
  });
}

TEST(Tunnel, StreamOpenedBeforeTheCarrierStandsIsServed) {
  rig with;
  play(with, [](rig*, tunnel* through) -> awaitable<void> {
    EXPECT_EQ(co_await echoes(through, pattern(10'000, 2)), true);
  });
}

TEST(Tunnel, HalfCloseReachesTheOtherEndAndItsAnswerStillComes) {
  rig with;
  play(with, [](rig*, tunnel* through) -> awaitable<void> {
    auto stream = counted_stream(through);
    EXPECT_TRUE(co_await testing::send_and_finish(&*stream, pattern(1'000'000, 3)));
    const auto answer = co_await testing::read_until_end(&*stream);
    EXPECT_TRUE(answer && base::as_text(*answer) == "1000000");
  });
}

awaitable<void> read_into(tunnel_stream* stream, base::result<base::byte_vector>* got) {
  *got = co_await testing::read_until_end(stream);
}

awaitable<void> echo_into(tunnel* through, std::uint64_t seed, int* good) {
  const auto same = co_await echoes(through, pattern(20'000 + 97 * seed, seed));
  *good += same == true ? 1 : 0;
}

TEST(Tunnel, TwoHundredStreamsAtOnceKeepTheirBytesApart) {
  rig with;
  play(with, [](rig* rig, tunnel* through) -> awaitable<void> {
    int good = 0;
    net::scope all(rig->loop.get_executor());
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      EXPECT_TRUE(all.spawn(echo_into(through, seed, &good)));
    }
    EXPECT_TRUE(co_await all.join(soon()));
    EXPECT_EQ(good, 200);
    EXPECT_EQ(rig->gateway.counts().connections, 1U);
  });
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

TEST(Tunnel, SlowReaderHoldsTheSenderBackWithinItsWindow) {
  rig with;
  play(with, [](rig* rig, tunnel* through) -> awaitable<void> {
    auto stream = through->open_stream(domain("source-8000000"));
    EXPECT_TRUE(stream);
    co_await wait_for(
        rig, [](auto&, auto& status) { return status.bytes_down >= wire::initial_stream_window; },
        through);
    static_cast<void>(co_await net::sleep_until(net::deadline_after(100ms)));
    EXPECT_EQ(through->status().bytes_down, wire::initial_stream_window);
    const auto rest = co_await testing::read_until_end(&*stream);
    EXPECT_TRUE(rest);
    EXPECT_EQ(rest->size(), 8'000'000U);
  });
}

TEST(Tunnel, ReceiverThatDoesNotReadHoldsTheWriterBack) {
  rig with;
  play(with, [](rig* rig, tunnel* through) -> awaitable<void> {
    auto stream = through->open_stream(domain("stall"));
    EXPECT_TRUE(stream);
    const auto written =
        co_await stream->write_all(pattern(4'000'000, 1), net::deadline_after(300ms));
    EXPECT_EQ(failure_of(written), net::errc::timed_out);
    EXPECT_LE(rig->gateway.counts().unread_most, wire::initial_stream_window);
    EXPECT_EQ(co_await echoes(through, pattern(5000, 2)), true);
  });
}

TEST(Tunnel, FailureAtTheTargetReachesTheReader) {
  rig with;
  with.gateway.rules().reset_streams = wire::errc::target_unreachable_or_closed;
  play(with, [](rig*, tunnel* through) -> awaitable<void> {
    auto stream = through->open_stream(domain("echo"));
    EXPECT_TRUE(stream);
    base::byte_array<16> space;
    const auto got = co_await stream->read_some(space, soon());
    EXPECT_EQ(failure_of(got), wire::errc::target_unreachable_or_closed);
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

TEST(Tunnel, TokenIsRenewedBeforeItEndsAndKept) {
  rig with;
  with.issuer.now = testing::real_now() - 50min;
  auto options = with.options();
  with.issuer.now = testing::real_now();
  play(with, std::move(options), [](rig* rig, tunnel* through) -> awaitable<void> {
    co_await wait_for(
        rig,
        [](auto& with, auto& status) { return status.token_expires > with.issuer.now + 30min; },
        through);
    EXPECT_EQ(rig->gateway.counts().renewals, 1U);
    EXPECT_EQ(rig->gateway.counts().sessions, 1U);
    const auto kept = rig->store.load_record();
    EXPECT_TRUE(kept);
    EXPECT_EQ(kept->token.reveal_text(), rig->issuer.token());
  });
}

TEST(Tunnel, ExpiredTokenIsRenewedOnACarrierOfItsOwnFirst) {
  rig with;
  with.issuer.now = testing::real_now() - 5h;
  auto options = with.options();
  with.issuer.now = testing::real_now();
  play(with, std::move(options), [](rig* rig, tunnel* through) -> awaitable<void> {
    EXPECT_TRUE(co_await through->ready(soon()));
    EXPECT_EQ(rig->gateway.counts().renewals, 1U);
    EXPECT_EQ(rig->gateway.counts().sessions, 2U);
    EXPECT_EQ(co_await echoes(through, pattern(5000, 2)), true);
  });
}

TEST(Tunnel, OutageOfTheControlPlaneDoesNotKeepAnExpiredTokenFromTheGateway) {
  rig with;
  with.issuer.now = testing::real_now() - 5h;
  auto options = with.options();
  with.issuer.now = testing::real_now();
  with.gateway.rules().control_status = 503;
  play(with, std::move(options), [](rig*, tunnel* through) -> awaitable<void> {
    EXPECT_TRUE(co_await through->ready(soon()));
    EXPECT_EQ(co_await echoes(through, pattern(5000, 2)), true);
  });
}

TEST(Tunnel, GatewayThatAllowsOnlyControlMakesTheTunnelRenew) {
  rig with;
  with.gateway.rules().reset_streams = wire::errc::control_only;
  play(with, [](rig* rig, tunnel* through) -> awaitable<void> {
    EXPECT_TRUE(co_await through->ready(soon()));
    EXPECT_FALSE(co_await echoes(through, pattern(5000, 2)));
    rig->gateway.rules().reset_streams.reset();
    co_await wait_for(
        rig, [](auto& with, auto&) { return with.gateway.counts().renewals == 1; }, through);
    EXPECT_TRUE(co_await through->ready(soon()));
    EXPECT_EQ(co_await echoes(through, pattern(5000, 3)), true);
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

void learn_budget(rig& with) {
  freeze_memory learnt;
  const auto network = with.gateway.entry().id + "/127.0.0";
  learnt.note_freeze(network, 400'000, testing::real_now());
  learnt.note_freeze(network, 400'000, testing::real_now());
  ASSERT_TRUE(with.store.save_budgets(learnt.to_text(testing::real_now())));
}

awaitable<void> watch_places(rig* with, tunnel* through, std::size_t sessions, std::size_t* most) {
  const auto limit = soon();
  const auto& counts = with->gateway.counts();
  while (counts.sessions < sessions && base::real_clock().steady_now() < limit) {
    *most = std::max(*most, through->status().connections);
    static_cast<void>(co_await net::sleep_until(net::deadline_after(1ms)));
  }
  EXPECT_EQ(counts.sessions, sessions);
}

awaitable<void> wait_for_carriers(tunnel* through, std::size_t wanted) {
  const auto limit = soon();
  while (through->status().carriers < wanted && base::real_clock().steady_now() < limit) {
    static_cast<void>(co_await net::sleep_until(net::deadline_after(5ms)));
  }
  EXPECT_GE(through->status().carriers, wanted);
}

TEST(Tunnel, DrainingSessionsAndTheirSuccessorShareThePlaces) {
  rig with;
  learn_budget(with);
  play(with, [](rig* rig, tunnel* through) -> awaitable<void> {
    EXPECT_TRUE(co_await through->ready(soon()));
    std::vector<tunnel_stream> streams;
    std::size_t most = 0;
    for (std::size_t round = 1; round <= 4; ++round) {
      auto stream = through->open_stream(domain("stall"));
      EXPECT_TRUE(co_await stream->write_all(pattern(1000, round), soon()));
      streams.push_back(std::move(*stream));
      co_await wait_for_carriers(through, 3);
      while (rig->gateway.counts().streams < round) {
        EXPECT_TRUE(co_await net::sleep_until(net::deadline_after(1ms)));
      }
      rig->gateway.go_away(20s);
      co_await watch_places(rig, through, round + 1, &most);
    }
    EXPECT_LE(most, 3U);
    base::byte_array<16> space;
    EXPECT_EQ(failure_of(co_await streams.front().read_some(space, soon())),
              wire::errc::gateway_draining);
    EXPECT_EQ(failure_of(co_await streams.back().read_some(space, net::deadline_after(50ms))),
              net::errc::timed_out);
    EXPECT_EQ(co_await echoes(through, pattern(5000, 2)), true);
  });
}

awaitable<void> use_two_carriers(rig* with, tunnel* through) {
  EXPECT_TRUE(co_await through->ready(soon()));
  EXPECT_EQ(with->gateway.counts().direct_connections, 0U);
  auto stream = counted_stream(through);
  EXPECT_TRUE(co_await stream->write_all(pattern(1000, 1), soon()));
  co_await wait_for_carriers(through, 2);
  EXPECT_TRUE(co_await testing::send_and_finish(&*stream, pattern(500, 1)));
  const auto answer = co_await testing::read_until_end(&*stream);
  EXPECT_TRUE(answer && base::as_text(*answer) == "1500");
  EXPECT_EQ(with->gateway.counts().sessions, 1U);
}

tunnel_options two_hosts(rig& with) {
  with.issuer.gateways = {with.gateway.entry(), with.gateway.direct_entry()};
  with.gateway.rules().direct_host = "direct.test";
  return with.options();
}

TEST(Tunnel, FurtherCarriersGoToTheHostThatTheGatewayNames) {
  rig with;
  play(with, two_hosts(with), [](rig* rig, tunnel* through) -> awaitable<void> {
    co_await use_two_carriers(rig, through);
    EXPECT_EQ(rig->gateway.counts().direct_connections, 1U);
    EXPECT_EQ(through->status().gateway_id, "gw_direct");
    EXPECT_EQ(rig->gateway.counts().resumed, 0U);
    rig->gateway.cut_carriers();
    co_await wait_for(
        rig, [](auto& with, auto&) { return with.gateway.counts().direct_connections > 1; },
        through);
    EXPECT_EQ(co_await echoes(through, pattern(5000, 2)), true);
    EXPECT_EQ(rig->gateway.counts().sessions, 1U);
  });
}

TEST(Tunnel, HostOutsideTheSignedConfigurationIsNotDialled) {
  rig with;
  with.gateway.rules().direct_host = "direct.test";
  play(with, [](rig* rig, tunnel* through) -> awaitable<void> {
    co_await use_two_carriers(rig, through);
    EXPECT_EQ(rig->gateway.counts().direct_connections, 0U);
    EXPECT_EQ(through->status().gateway_id, "gw_one");
  });
}

TEST(Tunnel, NamedHostWithAnotherKeyCarriesNothing) {
  rig with;
  auto direct = with.gateway.direct_entry();
  direct.pins = {identity::spki_pin{}};
  with.issuer.gateways = {with.gateway.entry(), direct};
  with.gateway.rules().direct_host = "direct.test";
  play(with, with.options(), [](rig* rig, tunnel* through) -> awaitable<void> {
    EXPECT_TRUE(co_await through->ready(soon()));
    auto stream = counted_stream(through);
    EXPECT_TRUE(co_await stream->write_all(pattern(1000, 1), soon()));
    co_await wait_for(
        rig, [](auto& with, auto&) { return with.gateway.counts().direct_connections > 0; },
        through);
    EXPECT_TRUE(co_await net::sleep_until(net::deadline_after(100ms)));
    EXPECT_EQ(rig->gateway.counts().recognised, 1U);
    EXPECT_EQ(through->status().carriers, 1U);
  });
}

TEST(Tunnel, OnlyConnectionIsLeftToTheNextSession) {
  rig with;
  auto options = with.options();
  options.carriers.carriers_most = 1;
  play(with, std::move(options), [](rig* rig, tunnel* through) -> awaitable<void> {
    EXPECT_TRUE(co_await through->ready(soon()));
    auto stream = counted_stream(through);
    EXPECT_TRUE(co_await stream->write_all(pattern(1000, 1), soon()));
    rig->gateway.go_away(20s);
    base::byte_array<16> space;
    EXPECT_EQ(failure_of(co_await stream->read_some(space, soon())), wire::errc::gateway_draining);
    std::size_t most = 0;
    co_await watch_places(rig, through, 2, &most);
    EXPECT_EQ(most, 1U);
    EXPECT_EQ(co_await echoes(through, pattern(5000, 2)), true);
  });
}

TEST(Tunnel, AsManyConnectionsAsChosenServeInAnEmergency) {
  rig with;
  learn_budget(with);
  auto options = with.options();
  options.carriers.carriers_most = 6;
  play(with, std::move(options), [](rig*, tunnel* through) -> awaitable<void> {
    auto stream = counted_stream(through);
    EXPECT_TRUE(co_await stream->write_all(pattern(1000, 1), soon()));
    co_await wait_for_carriers(through, 6);
    EXPECT_TRUE(co_await net::sleep_until(net::deadline_after(300ms)));
    EXPECT_EQ(through->status().carriers, 6U);
    EXPECT_EQ(through->status().carriers_dialled, 6U);
  });
}

TEST(Tunnel, ChosenNumberOfConnectionsStaysWithinItsBounds) {
  rig with;
  learn_budget(with);
  auto options = with.options();
  options.carriers.carriers_most = 100;
  play(with, std::move(options), [](rig*, tunnel* through) -> awaitable<void> {
    auto stream = counted_stream(through);
    EXPECT_TRUE(co_await stream->write_all(pattern(1000, 1), soon()));
    co_await wait_for_carriers(through, wire::carriers_most);
    EXPECT_TRUE(co_await net::sleep_until(net::deadline_after(300ms)));
    EXPECT_EQ(through->status().connections, wire::carriers_most);
  });
}

TEST(Tunnel, BudgetLearntByAnEarlierProcessIsAnnouncedFromTheFirstCarrierOn) {
  rig with;
  freeze_memory learnt;
  const auto network = with.gateway.entry().id + "/127.0.0";
  learnt.note_freeze(network, 40'000, testing::real_now());
  learnt.note_freeze(network, 40'000, testing::real_now());
  ASSERT_TRUE(with.store.save_budgets(learnt.to_text(testing::real_now())));
  play(with, [](rig* rig, tunnel* through) -> awaitable<void> {
    EXPECT_TRUE(co_await through->ready(soon()));
    EXPECT_EQ(through->status().down_budget, 36'000U);
    EXPECT_EQ(rig->gateway.counts().announced_budget, 36'000U);
  });
}

TEST(Tunnel, BudgetsThatCannotBeReadStopNothing) {
  rig with;
  ASSERT_TRUE(with.store.save_budgets("nonsense"));
  play(with, [](rig*, tunnel* through) -> awaitable<void> {
    EXPECT_TRUE(co_await through->ready(soon()));
    EXPECT_EQ(through->status().down_budget, 0U);
    EXPECT_EQ(co_await echoes(through, pattern(5000, 2)), true);
  });
}

TEST(Tunnel, StoppedTunnelEndsItsStreamsAndTakesNoMore) {
  rig with;
  play(with, [](rig*, tunnel* through) -> awaitable<void> {
    EXPECT_TRUE(co_await through->ready(soon()));
    auto stream = through->open_stream(domain("stall"));
    EXPECT_TRUE(stream);
    EXPECT_TRUE(co_await through->stop(soon()));
    base::byte_array<16> space;
    EXPECT_EQ(failure_of(co_await stream->read_some(space, soon())), wire::errc::cancelled);
    EXPECT_EQ(failure_of(co_await through->ready(soon())), errc::tunnel_stopped);
    EXPECT_EQ(failure_of(through->open_stream(domain("echo"))), errc::tunnel_stopped);
    EXPECT_EQ(through->status().phase, tunnel_phase::stopped);
  });
}

TEST(Tunnel, WaitersAreBounded) {
  rig with;
  with.gateway.rules().answers_hello = false;
  auto options = with.options();
  options.waiters = 0;
  play(with, std::move(options), [](rig*, tunnel* through) -> awaitable<void> {
    EXPECT_EQ(failure_of(co_await through->ready(soon())), errc::too_many_waiting);
  });
}

}
}
