#include <gtest/gtest.h>

#include "httvps/sdk/errc.hpp"
#include "httvps/sdk/tunnel.hpp"
#include "rig.hpp"

namespace httvps::sdk {
namespace {

using namespace std::chrono_literals;
using net::asio::awaitable;
using testing::rig;
using testing::run_script;
using testing::soon;
using testing::tunnel_script;

void play_with_old_list(rig& with, tunnel_script script) {
  with.issuer.now = testing::real_now() - 20min;
  auto options = with.options();
  with.issuer.now = testing::real_now();
  tunnel through(with.loop.get_executor(), std::move(options));
  with.loop.run(run_script(&with, &through, script));
}

awaitable<void> wait_for_lists(rig* with, std::size_t count) {
  const auto limit = soon();
  while (with->gateway.counts().configurations < count && base::real_clock().steady_now() < limit) {
    static_cast<void>(co_await net::sleep_until(net::deadline_after(5ms)));
  }
}

TEST(GatewayLease, ListIsAskedForWhenItsLeaseEndsWithoutANewToken) {
  rig with;
  with.gateway.rules().lease_until = base::to_rfc3339(testing::real_now() + 14min);
  play_with_old_list(with, [](rig* rig, tunnel* through) -> awaitable<void> {
    co_await wait_for_lists(rig, 1);
    static_cast<void>(co_await net::sleep_until(net::deadline_after(300ms)));
    EXPECT_EQ(rig->gateway.counts().configurations, 1U);
    EXPECT_EQ(rig->gateway.counts().renewals, 0U);
    EXPECT_EQ(rig->gateway.counts().sessions, 1U);
    const auto left = through->status().lease_until - testing::real_now();
    EXPECT_LE(left, 14min);
    EXPECT_GE(left, 13min);
    EXPECT_EQ(rig->store.load_record()->config, rig->issuer.config());
  });
}

TEST(GatewayLease, ListThatIsNotToldLeavesTheTunnelAlone) {
  rig with;
  with.gateway.rules().control_status = 503;
  play_with_old_list(with, [](rig*, tunnel* through) -> awaitable<void> {
    EXPECT_TRUE(co_await through->ready(soon()));
    static_cast<void>(co_await net::sleep_until(net::deadline_after(300ms)));
    EXPECT_EQ(co_await testing::echoes(through, testing::pattern(5000, 2)), true);
    EXPECT_FALSE(through->status().last_failure);
  });
}

void play_in_region(rig& with, tunnel_options options, tunnel_script script) {
  options.account.choose_region("eu");
  tunnel through(with.loop.get_executor(), std::move(options));
  with.loop.run(run_script(&with, &through, script));
}

TEST(GatewayRegion, ListOfTheRegionIsFetchedBeforeTheFirstSession) {
  rig with;
  auto elsewhere = with.gateway.entry();
  with.issuer.gateways = {elsewhere};
  auto options = with.options();
  with.issuer.gateways = {with.gateway.direct_entry(), elsewhere};
  with.gateway.rules().recognise = testing::recognition_rule::everybody;
  play_in_region(with, std::move(options), [](rig* rig, tunnel* through) -> awaitable<void> {
    EXPECT_TRUE(co_await through->ready(soon()));
    EXPECT_EQ(rig->gateway.counts().configuration_target, "/api/v1/devices/config?region=eu");
    EXPECT_EQ(rig->gateway.counts().configurations, 1U);
    EXPECT_EQ(through->status().gateway_id, "gw_direct");
    EXPECT_EQ(through->status().region, "eu");
  });
}

TEST(GatewayRegion, RegionThatNobodyServesIsNamedAndNotConnectedElsewhere) {
  rig with;
  with.gateway.rules().region_refused = true;
  play_in_region(with, with.options(), [](rig*, tunnel* through) -> awaitable<void> {
    const auto outcome = co_await through->ready(soon());
    EXPECT_FALSE(outcome);
    EXPECT_EQ(outcome.error(), errc::region_without_gateway);
    EXPECT_EQ(through->status().last_failure->sentence, "None there.");
    EXPECT_EQ(through->status().sessions, 0U);
  });
}

TEST(GatewayRegion, LaterListsAreOfTheRegionToo) {
  rig with;
  auto account = with.options().account;
  account.choose_region("eu");
  EXPECT_TRUE(account.region_pending());
  EXPECT_TRUE(account.wants_config(with.issuer.key_set(), testing::real_now()));
  ASSERT_TRUE(account.refresh({.token = with.issuer.token(), .key_set = with.issuer.key_set()},
                              testing::real_now()));
  EXPECT_TRUE(account.region_pending());
  ASSERT_TRUE(account.refresh({.token = with.issuer.token(),
                               .key_set = with.issuer.key_set(),
                               .config = with.issuer.config()},
                              testing::real_now()));
  EXPECT_FALSE(account.region_pending());
  EXPECT_EQ(account.region(), "eu");
}

}
}
