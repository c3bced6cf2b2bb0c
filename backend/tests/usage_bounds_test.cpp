#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "support/metered_world.hpp"

namespace httvps::backend {
namespace {

using models::traffic;
using services::errc;

class UsageBounds : public testing::Test, protected test_support::metered_world {
 protected:
  std::error_code refusal(const services::usage_report& sent) {
    const auto receipt = bounded.report(gateway, sent);
    return receipt ? std::error_code() : receipt.error();
  }
  services::usage_report batch_of(const std::string& epoch) const {
    return {.epoch = epoch, .seq = 1, .lines = {}};
  }
  void hold_three() {
    ASSERT_TRUE(bounded.report(
        gateway, batch(1, {line(11, {.up = 1}), line(12, {.up = 1}), line(13, {.up = 1})})));
  }

  services::usage_service bounded{world.tools, {.held_rows = 3, .open_epochs = 2}};
};

TEST_F(UsageBounds, GatewayWithTooMuchHeldMayNotAddToIt) {
  hold_three();
  const auto one_more = batch(2, {line(1, {.up = 5}, token), line(14, {.up = 1})});
  EXPECT_EQ(refusal(one_more), errc::quarantine_full);
  auto nowhere = line(1, {.up = 5}, token);
  nowhere.node = models::node_id::make(world.clock.system_now(), world.random);
  EXPECT_EQ(refusal(batch(2, {nowhere})), errc::quarantine_full);
  EXPECT_EQ(used(), traffic{});
}

TEST_F(UsageBounds, FullQuarantineStopsNeitherWhatIsProvenNorWhatIsHeldAlready) {
  hold_three();
  EXPECT_FALSE(refusal(batch(2, {line(1, {.up = 5}, token), line(11, {.up = 9})})));
  EXPECT_FALSE(refusal(batch(3, {line(1, {.up = 8})})));
  EXPECT_EQ(used(), (traffic{.up = 8, .down = 0}));
  EXPECT_FALSE(refusal(batch(4, {line(11, {.up = 9}, token)})));
  EXPECT_EQ(used(), (traffic{.up = 17, .down = 0}));
  EXPECT_FALSE(refusal(batch(5, {line(14, {.up = 1})}))) << "one was released";
  EXPECT_EQ(refusal(batch(6, {line(15, {.up = 1})})), errc::quarantine_full);
}

TEST_F(UsageBounds, RefusedBatchIsTakenOnceThereIsRoom) {
  hold_three();
  const auto waiting = batch(2, {line(14, {.up = 7})});
  ASSERT_EQ(refusal(waiting), errc::quarantine_full);
  ASSERT_FALSE(refusal(batch(3, {line(12, {.up = 1}, token)})));
  const auto taken = bounded.report(gateway, waiting);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->acknowledged.acked_through, 3U);
}

TEST_F(UsageBounds, OtherGatewaysAreNotTouched) {
  hold_three();
  const auto other = world.join("other").gateway;
  EXPECT_TRUE(bounded.report(other, batch(1, {line(14, {.up = 1})})));
}

TEST_F(UsageBounds, GatewayBeginsABoundedNumberOfEpochs) {
  EXPECT_FALSE(refusal(batch_of("0a")));
  EXPECT_FALSE(refusal(batch_of("0b")));
  EXPECT_EQ(refusal(batch_of("0c")), errc::too_many_epochs);
  EXPECT_FALSE(refusal(batch_of("0b"))) << "one that began goes on";
  const auto other = world.join("other").gateway;
  EXPECT_TRUE(bounded.report(other, batch_of("0c")));
}

}
}
