#include <gtest/gtest.h>

#include "support/metered_world.hpp"

namespace httvps::backend {
namespace {

class BulkRows : public testing::Test, protected test_support::metered_world {};

TEST_F(BulkRows, KeepLettersThatArraysAndStringsQuote) {
  const services::epoch_name epoch{.gateway = gateway.id, .epoch = R"(a"b\c,{d} 'e' NULL)"};
  const auto owner = subscription.subject.id;
  const auto added = services::write_to(
      *world.store, [&](services::repositories& tables) -> base::result<base::byte_count> {
        HTTVPS_CHECK(tables.quota_leases.roll_up({.epoch = epoch,
                                                  .shares = {{.subscription = owner, .added = 7}},
                                                  .at = world.clock.system_now()}));
        HTTVPS_TRY(const auto found,
                   tables.quota_leases.find({.epoch = epoch, .subscription = owner}));
        return found ? found->rolled_up : 0;
      });
  ASSERT_TRUE(added);
  EXPECT_EQ(*added, 7U);
}

TEST_F(BulkRows, BatchOfMoreRowsThanAStatementHoldsIsCountedToTheByte) {
  std::vector<services::usage_report_line> lines;
  for (std::uint64_t number = 1; number <= 1300; ++number) {
    lines.push_back(line(number, {.up = number, .down = 2 * number}, token));
  }
  ASSERT_TRUE(report(batch(1, lines)));
  constexpr base::byte_count sum = 1300 * 1301 / 2;
  EXPECT_EQ(used(), (models::traffic{.up = sum, .down = 2 * sum}));
  for (auto& each : lines) {
    each.counted.up += 1;
    each.token.reset();
  }
  ASSERT_TRUE(report(batch(2, lines)));
  EXPECT_EQ(used(), (models::traffic{.up = sum + 1300, .down = 2 * sum}));
}

}
}
