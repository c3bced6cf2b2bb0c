#include <gtest/gtest.h>

#include <algorithm>

#include "httvps/sdk/freeze_memory.hpp"
#include "httvps/sdk/tunnel.hpp"
#include "tunnel_steps.hpp"

namespace httvps::sdk {
namespace {

using namespace std::chrono_literals;
using net::asio::awaitable;
using testing::counted_stream;
using testing::domain;
using testing::echoes;
using testing::failure_of;
using testing::pattern;
using testing::play;
using testing::rig;
using testing::soon;
using testing::wait_for;

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

}
}
