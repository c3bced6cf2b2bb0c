#include <gtest/gtest.h>

#include "httvps/sdk/tunnel.hpp"
#include "tunnel_steps.hpp"

namespace httvps::sdk {
namespace {

using namespace std::chrono_literals;
using net::asio::awaitable;
using testing::echoes;
using testing::pattern;
using testing::play;
using testing::rig;
using testing::soon;
using testing::wait_for;

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

}
}
