#include <gtest/gtest.h>

#include "httvps/identity/errc.hpp"
#include "httvps/sdk/errc.hpp"
#include "httvps/sdk/tunnel.hpp"
#include "rig.hpp"

namespace httvps::sdk {
namespace {

using namespace std::chrono_literals;
using net::asio::awaitable;
using testing::rig;
using testing::soon;

told_policy signed_by(const rig& with, std::uint64_t version,
                      const identity::traffic_shape& shape = {}) {
  return {.version = version, .document = with.issuer.policy(version, shape)};
}

awaitable<void> wait_for_version(tunnel* through, std::uint64_t wanted) {
  const auto limit = soon();
  const auto known = [through] {
    const auto policy = through->status().policy;
    return policy ? policy->version : 0;
  };
  while (known() != wanted && base::real_clock().steady_now() < limit) {
    static_cast<void>(co_await net::sleep_until(net::deadline_after(5ms)));
  }
  EXPECT_EQ(known(), wanted);
}

awaitable<void> wait_for_refusal(tunnel* through, base::error wanted) {
  const auto limit = soon();
  while (through->status().policy_failure != wanted && base::real_clock().steady_now() < limit) {
    static_cast<void>(co_await net::sleep_until(net::deadline_after(5ms)));
  }
  EXPECT_EQ(through->status().policy_failure, wanted);
}

awaitable<void> keep_streams_open(tunnel* through, std::vector<tunnel_stream>* held) {
  EXPECT_TRUE(co_await through->ready(soon()));
  auto stream = through->open_stream(testing::domain("stall"));
  EXPECT_TRUE(stream);
  held->push_back(std::move(*stream));
  static_cast<void>(co_await net::sleep_until(net::deadline_after(400ms)));
}

tunnel_options in_a_hurry(const rig& with) {
  auto options = with.options();
  options.carriers.second_after = 20ms;
  return options;
}

TEST(TunnelPolicy, IsTakenAtTheStartOfASessionAndStored) {
  rig with;
  with.gateway.rules().policy = signed_by(with, 7);
  testing::play(with, with.options(), [](rig* rig, tunnel* through) -> awaitable<void> {
    co_await wait_for_version(through, 7);
    EXPECT_EQ(rig->store.load_record()->policy, rig->issuer.policy(7));
    EXPECT_FALSE(through->status().policy_failure);
  });
}

TEST(TunnelPolicy, ChangesWhileASessionRuns) {
  rig with;
  with.gateway.rules().policy = signed_by(with, 7);
  testing::play(with, in_a_hurry(with), [](rig* rig, tunnel* through) -> awaitable<void> {
    std::vector<tunnel_stream> held;
    co_await keep_streams_open(through, &held);
    EXPECT_EQ(through->status().carriers, 2U);
    rig->gateway.publish(signed_by(*rig, 8, {.carriers_most = 1}));
    co_await wait_for_version(through, 8);
    const auto limit = soon();
    while (through->status().carriers != 1 && base::real_clock().steady_now() < limit) {
      static_cast<void>(co_await net::sleep_until(net::deadline_after(5ms)));
    }
    EXPECT_EQ(through->status().carriers, 1U);
    EXPECT_EQ(rig->gateway.counts().sessions, 1U);
    EXPECT_EQ(rig->store.load_record()->policy, rig->issuer.policy(8, {.carriers_most = 1}));
  });
}

TEST(TunnelPolicy, ThatWasKeptHoldsFromTheFirstCarrierOn) {
  rig with;
  auto options = in_a_hurry(with);
  const auto kept = signed_by(with, 7, {.carriers_most = 1});
  ASSERT_TRUE(options.account.take_policy(kept, testing::real_now()));
  testing::play(with, std::move(options), [](rig*, tunnel* through) -> awaitable<void> {
    std::vector<tunnel_stream> held;
    co_await keep_streams_open(through, &held);
    EXPECT_EQ(through->status().policy->version, 7U);
    EXPECT_EQ(through->status().carriers_dialled, 1U);
  });
}

TEST(TunnelPolicy, NeverRaisesTheCapThatTheDeviceHas) {
  rig with;
  with.gateway.rules().policy = signed_by(with, 7, {.carriers_most = 6});
  auto options = in_a_hurry(with);
  options.carriers.carriers_most = 1;
  testing::play(with, std::move(options), [](rig*, tunnel* through) -> awaitable<void> {
    co_await wait_for_version(through, 7);
    std::vector<tunnel_stream> held;
    co_await keep_streams_open(through, &held);
    EXPECT_EQ(through->status().carriers_dialled, 1U);
  });
}

TEST(TunnelPolicy, AgeOfCarriersIsThatOfThePolicy) {
  rig with;
  auto options = with.options();
  options.carriers.age_least = options.carriers.age_most = 100ms;
  const auto kept = signed_by(with, 7);
  ASSERT_TRUE(options.account.take_policy(kept, testing::real_now()));
  testing::play(with, std::move(options), [](rig*, tunnel* through) -> awaitable<void> {
    EXPECT_TRUE(co_await through->ready(soon()));
    static_cast<void>(co_await net::sleep_until(net::deadline_after(500ms)));
    EXPECT_EQ(through->status().carriers_dialled, 1U);
  });
}

TEST(TunnelPolicy, ThatIsRefusedIsNamedAndTheLastGoodOneStays) {
  rig with;
  with.gateway.rules().policy = signed_by(with, 7);
  testing::play(with, with.options(), [](rig* rig, tunnel* through) -> awaitable<void> {
    co_await wait_for_version(through, 7);
    rig->gateway.publish({.version = 8, .document = rig->issuer.config()});
    co_await wait_for_refusal(through, identity::errc::wrong_context);
    EXPECT_EQ(through->status().policy->version, 7U);
    EXPECT_EQ(rig->store.load_record()->policy, rig->issuer.policy(7));
    rig->gateway.publish(signed_by(*rig, 9));
    co_await wait_for_version(through, 9);
    EXPECT_FALSE(through->status().policy_failure);
  });
}

TEST(TunnelPolicy, OfALowerVersionAtAnotherSessionIsRefused) {
  rig with;
  auto options = with.options();
  ASSERT_TRUE(options.account.take_policy(signed_by(with, 7), testing::real_now()));
  with.gateway.rules().policy = signed_by(with, 6);
  testing::play(with, std::move(options), [](rig*, tunnel* through) -> awaitable<void> {
    co_await wait_for_refusal(through, errc::policy_rollback);
    EXPECT_EQ(through->status().policy->version, 7U);
    EXPECT_EQ(co_await testing::echoes(through, testing::pattern(5000, 2)), true);
  });
}

TEST(TunnelPolicy, OfAKeyThatIsNotKnownYetIsTakenOnceItIs) {
  rig with;
  with.issuer.now = testing::real_now() - 50min;
  auto options = with.options();
  with.issuer.now = testing::real_now();
  with.issuer.signer = testing::numbered_key(8);
  with.issuer.key_set_version = 2;
  with.gateway.rules().recognise = testing::recognition_rule::everybody;
  with.gateway.rules().policy = signed_by(with, 7);
  testing::play(with, std::move(options), [](rig* rig, tunnel* through) -> awaitable<void> {
    co_await wait_for_version(through, 7);
    EXPECT_GE(rig->gateway.counts().renewals, 1U);
    EXPECT_FALSE(through->status().policy_failure);
  });
}

}
}
