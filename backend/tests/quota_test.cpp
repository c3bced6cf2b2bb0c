#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "support/quota_world.hpp"

namespace httvps::backend {
namespace {

using services::lease_outlook;
using test_support::quota_world;

constexpr base::byte_count mib = base::mebibyte;

class QuotaLeases : public testing::Test, protected quota_world {
 protected:
  QuotaLeases() : quota_world(100 * mib) {}

  std::optional<base::byte_count> offered() {
    const auto outcome = world.validate(first, device.answer.token);
    const auto* admitted = std::get_if<services::admitted_device>(&outcome);
    return admitted == nullptr ? std::nullopt : admitted->remaining;
  }
};

TEST_F(QuotaLeases, DebitsWhenItGrantsWhateverGatewayAsks) {
  const auto one = lease(first, "0a", {.used = 0, .want = 20 * mib});
  EXPECT_EQ(one.granted, 20 * mib);
  EXPECT_EQ(one.remaining, 80 * mib);
  EXPECT_EQ(one.outlook, lease_outlook::more_to_come);
  const auto two = lease(second, "0b", {.used = 0, .want = 20 * mib});
  EXPECT_EQ(two.granted, 20 * mib);
  EXPECT_EQ(two.remaining, 60 * mib);
  EXPECT_EQ(offered(), 60 * mib);
}

TEST_F(QuotaLeases, AnswerThatWasLostCostsNothing) {
  const auto sent = wish{.used = 0, .want = 20 * mib};
  const auto one = lease(first, "0a", sent);
  const auto again = lease(first, "0a", sent);
  EXPECT_EQ(again.granted, one.granted);
  EXPECT_EQ(again.remaining, one.remaining);
}

TEST_F(QuotaLeases, HalvesTowardsTheEndAndSaysWhenNothingIsLeft) {
  EXPECT_EQ(lease(first, "0a", {.want = 256 * mib}).granted, 50 * mib);
  EXPECT_EQ(lease(second, "0b", {.want = 256 * mib}).granted, 25 * mib);
  EXPECT_EQ(lease(second, "0b", {.used = 25 * mib, .want = 256 * mib}).granted,
            25 * mib + 25 * mib / 2);
  base::byte_count granted = 0;
  lease_outlook outlook = lease_outlook::more_to_come;
  for (int i = 0; i < 5; ++i) {
    const auto more = lease(first, "0a", {.used = 50 * mib + granted, .want = 256 * mib});
    granted = more.granted - 50 * mib;
    outlook = more.outlook;
  }
  EXPECT_EQ(granted, 25 * mib / 2);
  EXPECT_EQ(outlook, lease_outlook::final);
  EXPECT_EQ(lease(first, "0a", {.used = 50 * mib + granted, .want = mib}).end,
            services::errc::quota_exceeded);
  EXPECT_EQ(offered(), 0U);
}

TEST_F(QuotaLeases, LeaseGivenBackIsThereForOthers) {
  EXPECT_EQ(lease(first, "0a", {.want = 50 * mib}).granted, 50 * mib);
  const auto back = lease(first, "0a", {.used = 10 * mib, .want = 0});
  EXPECT_EQ(back.granted, 10 * mib);
  EXPECT_EQ(back.remaining, 90 * mib);
  EXPECT_EQ(lease(second, "0b", {.want = 40 * mib}).granted, 40 * mib);
}

TEST_F(QuotaLeases, UsageThatIsRolledUpTakesThePlaceOfItsDebit) {
  EXPECT_EQ(lease(first, "0a", {.want = 20 * mib}).granted, 20 * mib);
  report(first, "0a", 15 * mib);
  EXPECT_EQ(offered(), 80 * mib);
  EXPECT_EQ(lease(first, "0a", {.used = 15 * mib, .want = 0}).remaining, 85 * mib);
}

TEST_F(QuotaLeases, UsageWithoutALeaseIsCountedOnce) {
  report(first, "0a", 30 * mib);
  EXPECT_EQ(offered(), 70 * mib);
  const auto later = lease(first, "0a", {.used = 40 * mib, .want = 4 * mib});
  EXPECT_EQ(later.granted, 44 * mib);
  EXPECT_EQ(later.remaining, 56 * mib);
}

TEST_F(QuotaLeases, BytesOfATimeWithoutAQuotaAreNotDebitedTwiceAfterIt) {
  using quota = std::optional<base::byte_count>;
  const auto set_quota = [this](quota wanted) {
    ASSERT_TRUE(world.accounts.change_plan(world.admin(), terms.id, {.quota_bytes = wanted}));
  };
  lease(first, "0a", {.want = 4 * mib});
  set_quota(quota());
  lease(first, "0a", {.used = 60 * mib, .want = 4 * mib});
  report(first, "0a", 60 * mib);
  set_quota(quota(100 * mib));
  EXPECT_EQ(offered(), 36 * mib);
}

TEST_F(QuotaLeases, DeadEpochSettlesAfterADay) {
  EXPECT_EQ(lease(first, "0a", {.want = 40 * mib}).granted, 40 * mib);
  report(first, "0a", 10 * mib);
  world.clock.advance(std::chrono::hours(23));
  EXPECT_EQ(lease(second, "0b", {.want = 0}).remaining, 60 * mib);
  world.clock.advance(std::chrono::hours(1));
  EXPECT_EQ(lease(second, "0b", {.want = 0}).remaining, 90 * mib);
}

TEST_F(QuotaLeases, DeadEpochSettlesWhenItsSuccessorReportsAndAllIsAcknowledged) {
  EXPECT_EQ(lease(first, "0a", {.want = 40 * mib}).granted, 40 * mib);
  report(first, "0a", 10 * mib);
  report(first, "0b", 1);
  EXPECT_EQ(offered(), 60 * mib - 1);
  world.clock.advance(services::lease_lasts + std::chrono::seconds(1));
  report(first, "0b", 2);
  EXPECT_EQ(offered(), 60 * mib - 2) << "its successor was not heard for long enough";
  world.clock.advance(services::successor_heard_for + std::chrono::seconds(1));
  report(first, "0b", 3);
  EXPECT_EQ(offered(), 90 * mib - 3);
}

TEST_F(QuotaLeases, OutageOfTheBackendIsNoDeathOfAnEpoch) {
  EXPECT_EQ(lease(first, "0a", {.want = 40 * mib}).granted, 40 * mib);
  world.clock.advance(std::chrono::seconds(1));
  report(first, "0b", 1);
  world.clock.advance(std::chrono::minutes(30));
  report(first, "0b", 2);
  report(first, "0b", 3);
  EXPECT_EQ(offered(), 60 * mib - 3);
}

TEST_F(QuotaLeases, SuccessorThatJustBeganSettlesNothing) {
  EXPECT_EQ(lease(first, "0a", {.want = 40 * mib}).granted, 40 * mib);
  for (unsigned i = 0; i < 3; ++i) {
    world.clock.advance(std::chrono::seconds(1));
    report(first, "0b", i + 1);
  }
  EXPECT_EQ(offered(), 60 * mib - 3);
}

TEST_F(QuotaLeases, DeadEpochWithAMissingBatchDoesNotSettleEarly) {
  EXPECT_EQ(lease(first, "0a", {.want = 40 * mib}).granted, 40 * mib);
  skip_batch(first, "0a");
  report(first, "0a", 10 * mib);
  for (unsigned i = 0; i < 4; ++i) {
    world.clock.advance(services::lease_lasts + std::chrono::seconds(1));
    report(first, "0b", i + 1);
  }
  EXPECT_EQ(offered(), 60 * mib - 4);
}

TEST_F(QuotaLeases, EpochThatRenewsIsNotDeadBesideAnother) {
  EXPECT_EQ(lease(first, "0a", {.want = 40 * mib}).granted, 40 * mib);
  for (unsigned i = 0; i < 8; ++i) {
    world.clock.advance(services::lease_lasts / 2);
    report(first, "0b", i + 1);
    EXPECT_EQ(lease(first, "0a", {.want = 4 * mib}).granted, 40 * mib);
  }
  EXPECT_EQ(offered(), 60 * mib - 8);
}

TEST_F(QuotaLeases, EpochThatComesBackIsDebitedForWhatItUsed) {
  EXPECT_EQ(lease(first, "0a", {.want = 40 * mib}).granted, 40 * mib);
  world.clock.advance(std::chrono::hours(25));
  EXPECT_EQ(lease(second, "0b", {.want = 0}).remaining, 100 * mib);
  const auto back = lease(first, "0a", {.used = 90 * mib, .want = 4 * mib});
  EXPECT_EQ(back.granted, 94 * mib);
  EXPECT_EQ(back.remaining, 6 * mib);
}

TEST_F(QuotaLeases, NextPeriodBeginsWithTheLeasesThatAreOut) {
  EXPECT_EQ(lease(first, "0a", {.want = 40 * mib}).granted, 40 * mib);
  report(first, "0a", 30 * mib);
  world.clock.advance(std::chrono::hours(24 * 40));
  EXPECT_EQ(lease(first, "0a", {.used = 30 * mib, .want = 10 * mib}).remaining, 90 * mib);
}

TEST_F(QuotaLeases, SuspendedSubscriptionGetsNothingMore) {
  EXPECT_EQ(lease(first, "0a", {.want = 20 * mib}).granted, 20 * mib);
  auto subject = subscription.subject;
  subject.suspended_at = world.clock.system_now();
  ASSERT_TRUE(world.store->write(
      [&](services::repositories& tables) { return tables.subscriptions.update(subject); }));
  const auto more = lease(first, "0a", {.used = 20 * mib, .want = 20 * mib});
  EXPECT_EQ(more.granted, 20 * mib);
  EXPECT_EQ(more.outlook, lease_outlook::final);
  EXPECT_EQ(more.end, services::errc::access_suspended);
}

TEST_F(QuotaLeases, SubscriptionThatIsOverSaysSo) {
  auto subject = subscription.subject;
  subject.expires_at = world.clock.system_now();
  ASSERT_TRUE(world.store->write(
      [&](services::repositories& tables) { return tables.subscriptions.update(subject); }));
  const auto more = lease(first, "0a", {.want = 20 * mib});
  EXPECT_EQ(more.outlook, lease_outlook::final);
  EXPECT_EQ(more.end, services::errc::subscription_expired);
}

TEST_F(QuotaLeases, UnknownSubscriptionGetsNothing) {
  const auto nobody = models::subscription_id::make(world.clock.system_now(), world.random);
  const auto answer = world.quota.lease(
      first, {.epoch = "0a", .items = {{.subscription = nobody, .used = 7, .want = mib}}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->front().granted, 7U);
  EXPECT_EQ(answer->front().outlook, lease_outlook::final);
}

TEST_F(QuotaLeases, GatewayThatShowsNoTokenOfASubscriptionGetsNothingOfIt) {
  const auto other = world.add_user("other");
  world.subscribe(other, terms);
  const auto of_another = world.enrol(other, first).answer.token;
  auto forged = device.answer.token;
  forged.back() = forged.back() == 'A' ? 'B' : 'A';
  forged[forged.size() / 2] = forged[forged.size() / 2] == 'A' ? 'B' : 'A';
  for (const auto& shown : {std::optional<std::string>(), std::optional(of_another),
                            std::optional(forged), std::optional<std::string>("v4.public.x")}) {
    for (const auto& wanted :
         {wish{.used = 0, .want = 256 * mib}, wish{.used = 90 * mib, .want = 0},
          wish{.used = 90 * mib, .want = mib}}) {
      const auto answer = lease_with(first, "0c", wanted, shown);
      EXPECT_EQ(answer.granted, wanted.used);
      EXPECT_EQ(answer.remaining, 0U);
      EXPECT_EQ(answer.outlook, lease_outlook::refused);
    }
  }
  EXPECT_FALSE(is_kept(first, "0c"));
  EXPECT_EQ(offered(), 100 * mib);
  EXPECT_EQ(lease(first, "0c", {.want = 20 * mib}).granted, 20 * mib);
  EXPECT_EQ(lease_with(first, "0c", {.used = 20 * mib, .want = mib}, std::nullopt).granted,
            21 * mib);
  EXPECT_EQ(offered(), 79 * mib);
}

TEST_F(QuotaLeases, TokenOfARevokedDeviceBringsNothing) {
  ASSERT_TRUE(world.devices.revoke(world.admin(), device.answer.device.id));
  EXPECT_EQ(lease(first, "0c", {.want = mib}).outlook, lease_outlook::refused);
  EXPECT_FALSE(is_kept(first, "0c"));
}

TEST_F(QuotaLeases, NeedsNoNoteOfAnAdmission) {
  const auto answer = lease(first, "0c", {.want = 20 * mib});
  EXPECT_EQ(answer.outlook, lease_outlook::more_to_come);
  EXPECT_EQ(answer.granted, 20 * mib);
}

TEST_F(QuotaLeases, OfOneGatewayForASubscriptionAreBounded) {
  const auto name = [](std::size_t i) { return "e" + std::to_string(i); };
  for (std::size_t i = 0; i < services::leases_of_a_gateway_most; ++i) {
    ASSERT_EQ(lease(first, name(i), {.want = 1}).granted, 1U);
  }
  EXPECT_EQ(lease(first, "last", {.want = 1}).outlook, lease_outlook::refused);
  EXPECT_EQ(lease(second, "last", {.want = 1}).granted, 1U);
  EXPECT_EQ(lease(first, name(0), {.used = 1, .want = 1}).granted, 2U);
}

TEST_F(QuotaLeases, ManyItemsAreAnsweredInTheirOrder) {
  services::lease_order order{.epoch = "0a", .items = {}};
  for (std::size_t i = 0; i < 2 * services::leases_a_transaction + 1; ++i) {
    order.items.push_back({.subscription = subscription.subject.id,
                           .used = 0,
                           .want = i + 1,
                           .token = device.answer.token});
  }
  const auto answer = world.quota.lease(first, order);
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->size(), order.items.size());
  for (std::size_t i = 0; i < answer->size(); ++i) {
    EXPECT_EQ((*answer)[i].granted, i + 1);
  }
}

TEST_F(QuotaLeases, OldLeasesAreForgottenOnceTheirEpochIsSilent) {
  EXPECT_EQ(lease(first, "0a", {.want = 20 * mib}).granted, 20 * mib);
  EXPECT_EQ(lease(first, "0b", {.want = 20 * mib}).granted, 20 * mib);
  world.clock.advance(services::lease_memory + std::chrono::hours(1));
  report(first, "0b", 5);
  ASSERT_TRUE(world.quota.forget_old_leases());
  EXPECT_FALSE(is_kept(first, "0a"));
  EXPECT_TRUE(is_kept(first, "0b"));
}

TEST_F(QuotaLeases, PlanWithoutAQuotaOffersNone) {
  const auto guest = world.add_user("guest");
  world.subscribe(guest, world.add_plan({.code = "free"}));
  const auto outcome =
      world.validate(first, world.enrol(guest, first).answer.token, "00000000000000cc");
  EXPECT_FALSE(std::get<services::admitted_device>(outcome).remaining.has_value());
}

RC_GTEST_PROP(QuotaProperty, NeverPromisesMoreThanTheQuotaAndEndsAtExactlyAllOfIt,
              (const std::vector<std::uint16_t>& steps)) {
  constexpr base::byte_count quota = 60 * mib + 12'345;
  quota_world metered(quota);
  test_support::lease_model model(metered);
  for (const auto step : steps) {
    model.take(step);
    RC_ASSERT((model.promised() <= quota));
  }
  model.use_everything();
  RC_ASSERT((model.promised() == quota));
  RC_ASSERT((model.used() == quota));
  model.report_everything();
  RC_ASSERT((metered.world.used_by(metered.subscription.subject.id).total() == quota));
}

}
}
