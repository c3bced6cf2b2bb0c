#include "admission_flush.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <thread>

#include "support/noted_world.hpp"

namespace httvps::backend::core {
namespace {

using namespace std::chrono_literals;

constexpr const char* session = "00000000000000a1";

struct AdmissionFlush : ::testing::Test, protected test_support::noted_world {
  static net::asio::awaitable<base::result<>> write(AdmissionFlush* self) {
    ++self->rounds;
    auto written = self->book.flush();
    net::asio::post(self->context, [self] { self->flusher->look(); });
    if (self->rounds == self->rounds_busy) {
      self->storage.is_busy = false;
    }
    co_return written;
  }
  admission_flush& flush_with(flush_options chosen) {
    flusher.emplace(context.get_executor(), book, chosen);
    flusher->work_with([this] { return write(this); });
    return *flusher;
  }
  base::duration run() {
    const auto began = base::real_clock().steady_now();
    context.restart();
    context.run_for(20s);
    return base::real_clock().steady_now() - began;
  }

  net::asio::io_context context{1};
  std::optional<admission_flush> flusher;
  int rounds = 0;
  int rounds_busy = -1;
};

TEST_F(AdmissionFlush, NotesAreWrittenTogetherSoonAfterTheFirst) {
  auto& flusher_now = flush_with({});
  for (int i = 10; i < 30; ++i) {
    EXPECT_FALSE(ask("00000000000000" + std::to_string(i)));
    flusher_now.look();
  }
  EXPECT_EQ(storage.notes, 0);
  const auto took = run();
  EXPECT_GE(took, 15ms);
  EXPECT_LT(took, 10s);
  EXPECT_EQ(storage.notes, 1);
  EXPECT_TRUE(written("0000000000000010") && written("0000000000000029"));
}

TEST_F(AdmissionFlush, EndsWhenTheBookIsEmptyAndBeginsAnew) {
  flush_with({.pause = 1ms}).look();
  EXPECT_LT(run(), 10s);
  EXPECT_EQ(rounds, 0);
  for (int round = 1; round <= 3; ++round) {
    EXPECT_FALSE(ask("000000000000000" + std::to_string(round)));
    flusher->look();
    EXPECT_LT(run(), 10s);
    EXPECT_EQ(rounds, round);
    EXPECT_EQ(book.size(), 0U);
  }
}

TEST_F(AdmissionFlush, ManyNotesDoNotWait) {
  flush_with({.pause = 1h, .many = 3});
  EXPECT_FALSE(ask(session));
  flusher->look();
  context.poll();
  EXPECT_EQ(rounds, 0);
  EXPECT_FALSE(ask("00000000000000a2"));
  flusher->look();
  EXPECT_LT(run(), 10s);
  EXPECT_EQ(rounds, 1);
  EXPECT_EQ(book.size(), 0U);
}

TEST_F(AdmissionFlush, FailedOneIsTriedAgainAfterAPauseOfItsOwn) {
  flush_with({.pause = 1ms, .retry = 40ms, .many = 1});
  storage.is_busy = true;
  rounds_busy = 2;
  EXPECT_FALSE(ask(session));
  flusher->look();
  EXPECT_GE(run(), 80ms);
  EXPECT_EQ(rounds, 3);
  EXPECT_TRUE(written(session));
}

TEST_F(AdmissionFlush, CloseEndsItAndTheLastFlushWritesWhatIsLeft) {
  flush_with({.pause = 1h});
  EXPECT_FALSE(ask(session));
  flusher->look();
  context.poll();
  flusher->close();
  EXPECT_LT(run(), 10s);
  EXPECT_EQ(rounds, 0);
  EXPECT_FALSE(written(session));
  EXPECT_TRUE(flush_at_the_end(book));
  EXPECT_TRUE(written(session));
}

TEST_F(AdmissionFlush, LastFlushTriesSeveralTimes) {
  EXPECT_FALSE(ask(session));
  storage.is_busy = true;
  EXPECT_FALSE(flush_at_the_end(book));
  EXPECT_EQ(storage.notes, 3);
  storage.before = [this] { storage.is_busy = storage.notes < 5; };
  EXPECT_TRUE(flush_at_the_end(book));
  EXPECT_TRUE(written(session));
}

}
}
