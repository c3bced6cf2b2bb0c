#include <gtest/gtest.h>

#include <algorithm>

#include "accounting/support/accounting_world.hpp"
#include "httvps/backend/services/failpoints.hpp"

namespace httvps::testing {
namespace {

namespace points = backend::services::usage_failpoint;

constexpr int killed = 128 + SIGKILL;
constexpr auto exit_limit = std::chrono::seconds(15);

std::string line_for(std::string_view point, std::string_view action) {
  return std::string(point).append(" ").append(action).append("\n");
}

class KilledBackend : public ::testing::TestWithParam<std::string_view> {
 protected:
  bool connect_both() { return first->wait_until_open() && second->wait_until_open(); }

  bool move_bytes(std::size_t count) {
    return world.transfer(*first, count) && world.transfer(*second, count * 2, 1);
  }

  bool books_agree() {
    return world.wait_until_booked(world.truth()) && world.booked().books == world.carried();
  }

  void drop_at_the_point() {
    world.tell_failpoints(line_for(GetParam(), "drop"));
    for (int round = 0; round < 3; ++round) {
      ASSERT_TRUE(move_bytes(2'000));
      first->let_run(std::chrono::milliseconds(120));
    }
    world.tell_failpoints("");
    ASSERT_TRUE(books_agree());
  }

  void die_at_the_point() {
    world.tell_failpoints(line_for(GetParam(), "kill"));
    ASSERT_TRUE(move_bytes(7'000));
    ASSERT_EQ(world.wait_for_backend_exit(exit_limit), killed)
        << GetParam() << " was never reached";
    ASSERT_TRUE(move_bytes(1'000));
    world.tell_failpoints("");
    world.restart_backend();
  }

  accounting_world world{{{"GATEWAY_USAGE_RETRY", "100"}}};
  std::unique_ptr<tunnel> first = world.connect(0);
  std::unique_ptr<tunnel> second = world.connect(1);
};

TEST_P(KilledBackend, LosesNothingThatWasAcknowledgedAndDoublesNothing) {
  ASSERT_TRUE(connect_both());
  ASSERT_TRUE(move_bytes(30'000));
  ASSERT_TRUE(books_agree());
  ASSERT_NO_FATAL_FAILURE(drop_at_the_point());
  ASSERT_NO_FATAL_FAILURE(die_at_the_point());
  ASSERT_TRUE(move_bytes(5'000));
  ASSERT_TRUE(books_agree());
  ASSERT_TRUE(world.wait_until_rolled_up());
  EXPECT_EQ(world.booked().books, world.carried());
  EXPECT_EQ(world.booked().quarantined, usage_totals{});
}

INSTANTIATE_TEST_SUITE_P(AtEachFailpoint, KilledBackend, ::testing::ValuesIn(points::all),
                         [](const auto& named) {
                           std::string name(named.param.substr(sizeof("backend.usage")));
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

}
}
