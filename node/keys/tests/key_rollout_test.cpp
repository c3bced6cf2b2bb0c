#include "httvps/node/keys/key_rollout.hpp"

#include <gtest/gtest.h>

#include "httvps/base/random.hpp"
#include "httvps/node/keys/errc.hpp"
#include "httvps/node/keys/services_file.hpp"

namespace httvps::node {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

wanted_keys revision(std::uint64_t number, std::size_t keys) {
  wanted_keys wanted{.revision = number};
  for (std::size_t index = 0; index < keys; ++index) {
    const auto name = std::to_string(number) + "." + std::to_string(index);
    wanted.keys.push_back(
        {.id = name, .secret = base::secret_bytes::from_text("secret of " + name)});
  }
  return wanted;
}

class KeyRollout : public ::testing::Test {
 protected:
  void load(std::uint64_t count) {
    ASSERT_EQ(rollout_.next(now_), rollout_step::write);
    rollout_.count_to_write();
    rollout_.written(now_);
    ASSERT_EQ(rollout_.next(now_), rollout_step::reload);
    rollout_.reloaded(now_);
    ASSERT_EQ(rollout_.next(now_), rollout_step::confirm);
    rollout_.observed(count, now_);
  }

  key_rollout rollout_;
  base::steady_time now_{std::chrono::hours(1)};
};

TEST_F(KeyRollout, RestsUntilSomethingIsWanted) {
  EXPECT_EQ(rollout_.next(now_), rollout_step::rest);
  EXPECT_EQ(rollout_.next_at(), base::steady_time::max());
  EXPECT_FALSE(rollout_.has_wanted());
  EXPECT_FALSE(rollout_.is_settled());
}

TEST_F(KeyRollout, WritesReloadsConfirmsAndReports) {
  rollout_.want(revision(7, 3));
  load(3);
  EXPECT_EQ(rollout_.next(now_), rollout_step::rest);
  EXPECT_TRUE(rollout_.is_settled());
  EXPECT_EQ(rollout_.running_revision(), 7U);
  const auto report = rollout_.unreported();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->revision, 7U);
  EXPECT_FALSE(report->failure);
  EXPECT_EQ(report->key_ids, (std::vector<std::string>{"7.0", "7.1", "7.2"}));
  rollout_.reported(*report);
  EXPECT_FALSE(rollout_.unreported());
}

TEST_F(KeyRollout, ListsAnotherCountThanTheOneLoadedSoThatTheReloadShows) {
  rollout_.want(revision(1, 3));
  load(3);
  rollout_.want(revision(2, 3));
  EXPECT_EQ(rollout_.count_to_write(), 4U);
  rollout_.written(now_);
  rollout_.reloaded(now_);
  rollout_.observed(3, now_);
  EXPECT_EQ(rollout_.running_revision(), 1U);
  rollout_.observed(4, now_);
  EXPECT_EQ(rollout_.running_revision(), 2U);
}

TEST_F(KeyRollout, NewerKeysOvertakeAStepUnderWay) {
  rollout_.want(revision(1, 1));
  rollout_.count_to_write();
  rollout_.written(now_);
  rollout_.want(revision(2, 2));
  EXPECT_EQ(rollout_.next(now_), rollout_step::write);
  load(2);
  EXPECT_EQ(rollout_.running_revision(), 2U);
}

TEST_F(KeyRollout, AServerThatDoesNotLoadIsAskedAgainAfterAPauseThatGrows) {
  rollout_.want(revision(1, 2));
  auto pause = base::duration(rollout_pause_least);
  for (int round = 0; round < 8; ++round) {
    load(9);
    EXPECT_EQ(rollout_.running_revision(), 0U);
    now_ += load_limit;
    rollout_.unseen(now_);
    EXPECT_EQ(rollout_.unreported()->failure, keys_errc::server_did_not_load);
    EXPECT_EQ(rollout_.next(now_ + pause - milliseconds(1)), rollout_step::rest);
    EXPECT_EQ(rollout_.next_at(), now_ + pause);
    now_ += pause;
    pause = std::min<base::duration>(pause * 2, rollout_pause_most);
  }
  EXPECT_EQ(pause, base::duration(rollout_pause_most));
}

TEST_F(KeyRollout, AFailureIsFollowedByNewerKeysAtOnce) {
  rollout_.want(revision(1, 2));
  rollout_.failed(base::errc::io_failure, now_);
  EXPECT_EQ(rollout_.next(now_), rollout_step::rest);
  rollout_.want(revision(2, 2));
  EXPECT_EQ(rollout_.next(now_), rollout_step::write);
}

TEST_F(KeyRollout, AServerThatRunsOtherKeysIsBroughtBack) {
  rollout_.want(revision(1, 2));
  load(2);
  rollout_.observed(5, now_);
  EXPECT_EQ(rollout_.next(now_), rollout_step::rest);
  EXPECT_FALSE(rollout_.is_settled());
  now_ += rollout_pause_least;
  load(2);
  EXPECT_TRUE(rollout_.is_settled());
}

TEST_F(KeyRollout, AServerThatWentAwayHasLoadedNothing) {
  rollout_.want(revision(1, 2));
  load(2);
  rollout_.server_gone();
  rollout_.want(revision(2, 2));
  EXPECT_EQ(rollout_.count_to_write(), 2U);
}

TEST_F(KeyRollout, AReportThatWasOvertakenStays) {
  rollout_.want(revision(1, 1));
  load(1);
  const auto first = *rollout_.unreported();
  rollout_.want(revision(2, 2));
  load(2);
  rollout_.reported(first);
  EXPECT_EQ(rollout_.unreported()->revision, 2U);
}

TEST_F(KeyRollout, AnUnconfirmedWriteIsNotTakenForTheNextOne) {
  rollout_.want(revision(1, 3));
  load(3);
  rollout_.want(revision(2, 4));
  EXPECT_EQ(rollout_.count_to_write(), 4U);
  rollout_.written(now_);
  rollout_.reloaded(now_);
  rollout_.want(revision(3, 4));
  EXPECT_EQ(rollout_.count_to_write(), 5U);
}

TEST_F(KeyRollout, WhatRunsBeforeAnythingIsWantedCountsToo) {
  rollout_.observed(3, now_);
  rollout_.want(revision(1, 3));
  EXPECT_EQ(rollout_.count_to_write(), 4U);
}

struct file_on_disk {
  std::uint64_t revision = 0;
  std::size_t listed = 0;
};

class SlowServer : public KeyRollout {
 protected:
  void act(bool loads) {
    switch (rollout_.next(now_)) {
      case rollout_step::write:
        file_ = {.revision = rollout_.wanted().revision, .listed = rollout_.count_to_write()};
        rollout_.written(now_);
        break;
      case rollout_step::reload:
        rollout_.reloaded(now_);
        break;
      case rollout_step::confirm:
        server_ = loads ? file_ : server_;
        rollout_.observed(server_.listed, now_);
        break;
      case rollout_step::rest:
        break;
    }
  }

  file_on_disk file_;
  file_on_disk server_;
};

TEST_F(SlowServer, IsNeverSaidToRunWhatItHasNotLoaded) {
  base::seeded_random random(4);
  std::uint64_t newest = 0;
  for (int round = 0; round < 20000; ++round) {
    now_ += milliseconds(random.below(3000));
    if (random.below(5) == 0) {
      rollout_.want(revision(++newest, 1 + random.below(4)));
    }
    act(random.below(3) == 0);
    ASSERT_LE(rollout_.running_revision(), server_.revision) << round;
  }
  for (int round = 0; round < 100 && !rollout_.is_settled(); ++round) {
    now_ += rollout_pause_most;
    act(true);
  }
  EXPECT_EQ(rollout_.running_revision(), newest);
  EXPECT_EQ(server_.revision, newest);
}

}
}
