#include <gtest/gtest.h>

#include "httvps/backend/models/enum_text.hpp"
#include "support/metered_world.hpp"

namespace httvps::backend {
namespace {

using models::reset_period;
using models::subscription_standing;
using models::traffic;
using std::chrono::microseconds;

constexpr base::byte_count quota = 1000;

struct limited_world : test_support::metered_world {
  explicit limited_world(reset_period reset)
      : limits(world.add_plan({.code = "limited", .quota_bytes = quota, .reset = reset})),
        owner(world.add_user("owner")),
        account(world.subscribe(owner, limits)),
        proof(world.enrol(owner, gateway).answer.token) {}

  services::subscription_report now() { return *world.accounts.subscription(account.subject.id); }

  bool use(std::uint64_t seq, base::byte_count counter) {
    return report(batch(seq, {line(7, {.up = counter, .down = 0}, proof)})).has_value();
  }

  models::plan limits;
  models::user owner;
  services::subscription_report account;
  std::string proof;
};

class PeriodReset : public testing::TestWithParam<reset_period> {
 protected:
  void wait_until(base::system_time moment) {
    cast.world.clock.advance(moment - cast.world.clock.system_now());
  }

  limited_world cast{GetParam()};
};

TEST_P(PeriodReset, QuotaComesBackAtItsEndAndNotBefore) {
  for (std::uint64_t round = 1; round <= 3; ++round) {
    ASSERT_TRUE(cast.use(round, round * quota));
    const auto spent = cast.now();
    EXPECT_EQ(spent.standing, subscription_standing::limited);
    EXPECT_EQ(spent.used, (traffic{.up = quota, .down = 0}));
    ASSERT_TRUE(spent.period_end);
    wait_until(*spent.period_end - microseconds(1));
    EXPECT_EQ(cast.now().standing, subscription_standing::limited);
    wait_until(*spent.period_end);
    const auto renewed = cast.now();
    EXPECT_EQ(renewed.standing, subscription_standing::active);
    EXPECT_EQ(renewed.used, traffic{});
    EXPECT_EQ(renewed.period, *spent.period_end);
  }
}

INSTANTIATE_TEST_SUITE_P(OfEachStrategy, PeriodReset,
                         testing::Values(reset_period::day, reset_period::week, reset_period::month,
                                         reset_period::month_rolling, reset_period::year),
                         [](const auto& named) { return models::enum_text(named.param); });

TEST(PeriodWithoutReset, NeverComesBack) {
  limited_world cast(reset_period::none);
  ASSERT_TRUE(cast.use(1, quota));
  EXPECT_EQ(cast.now().period_end, std::nullopt);
  cast.world.clock.advance(std::chrono::days(4000));
  EXPECT_EQ(cast.now().standing, subscription_standing::limited);
  EXPECT_EQ(cast.now().used, (traffic{.up = quota, .down = 0}));
}

}
}
