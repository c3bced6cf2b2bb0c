#include "posting_rounds.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "support/faulty_store.hpp"
#include "support/metered_world.hpp"
#include "support/other_tools.hpp"

namespace httvps::backend::core {
namespace {

using namespace std::chrono_literals;

struct PostingRounds : ::testing::Test, protected test_support::metered_world {
  static net::asio::awaitable<void> post(PostingRounds* self) {
    ++self->posted;
    const auto done = self->poster.post_next();
    self->failed += done ? 0 : 1;
    self->rounds.look();
    co_return;
  }
  PostingRounds() {
    rounds.work_with([this] { return post(this); });
  }
  void take(std::uint64_t seq) {
    const auto receipt =
        usage.report(gateway, batch(seq, {line(1, {.up = seq, .down = 0}, token)}));
    ASSERT_TRUE(receipt);
    ASSERT_FALSE(receipt->posted);
  }
  void run() {
    context.restart();
    context.run_for(20s);
  }

  services::posting_queue queue;
  test_support::faulty_store storage{*world.store};
  services::service_tools tools = test_support::tools_with(queue, storage, world.tools);
  services::usage_service usage{tools};
  services::usage_poster poster{tools};
  net::asio::io_context context{1};
  posting_rounds rounds{context.get_executor(), poster};
  int posted = 0;
  int failed = 0;
};

TEST_F(PostingRounds, PostsEachBatchThatWaitsAndBeginsAnew) {
  rounds.look();
  run();
  EXPECT_EQ(posted, 0);
  take(1);
  take(2);
  rounds.look();
  rounds.look();
  run();
  EXPECT_EQ(posted, 2);
  EXPECT_EQ(used().up, 2U);
  take(3);
  rounds.look();
  run();
  EXPECT_EQ(posted, 3);
  EXPECT_EQ(used().up, 3U);
}

TEST_F(PostingRounds, FailureDoesNotStopTheOnesAfterIt) {
  take(1);
  take(2);
  storage.is_busy = true;
  storage.before = [this] { storage.is_busy = storage.notes < 2; };
  rounds.look();
  run();
  EXPECT_EQ(posted, 2);
  EXPECT_EQ(failed, 1);
  EXPECT_EQ(used().up, 2U);
}

TEST_F(PostingRounds, ClosedRoundsLeaveTheRestForTheEnd) {
  take(1);
  take(2);
  rounds.close();
  rounds.look();
  run();
  EXPECT_EQ(posted, 0);
  EXPECT_TRUE(post_at_the_end(poster, world.clock));
  EXPECT_EQ(used().up, 2U);
}

}
}
