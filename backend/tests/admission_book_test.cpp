#include <gtest/gtest.h>

#include <thread>

#include "support/noted_world.hpp"

namespace httvps::backend {
namespace {

using services::errc;
using std::chrono::minutes;

constexpr const char* first = "00000000000000a1";
constexpr const char* second = "00000000000000a2";
const std::error_code admitted;

struct AdmissionBook : ::testing::Test, protected test_support::noted_world {
  std::string token_of(const std::string& name) {
    const auto owner = world.add_user(name);
    world.subscribe(owner, terms);
    return world.enrol(owner, gateway).answer.token;
  }
  void let_tokens_expire() { world.clock.advance(identity::access_token_lifetime + minutes(1)); }
  std::uint64_t counted(const std::string& series) const {
    const auto text = metrics.expose();
    const auto at = text.find("\n" + series + " ");
    return at == std::string::npos ? 99 : std::stoull(text.substr(at + series.size() + 2));
  }
  services::admission_notes note_of(const std::string& session, base::system_time at) const {
    services::admission_notes notes;
    notes.add_session(
        {.gateway = gateway.id, .session = session, .device = device, .validated_at = at});
    notes.add_seen({.device = device, .at = at});
    return notes;
  }
};

TEST_F(AdmissionBook, AdmissionIsAnsweredBeforeItIsWritten) {
  EXPECT_EQ(ask(first), admitted);
  EXPECT_EQ(storage.notes, 0);
  EXPECT_FALSE(written(first));
  EXPECT_FALSE(last_seen());
  EXPECT_EQ(book.size(), 2U);
  EXPECT_EQ(counted("httvps_backend_admission_notes_waiting"), 2U);
}

TEST_F(AdmissionBook, SessionIsKnownAtOnceThoughItIsNotWritten) {
  const auto other = token_of("grace");
  EXPECT_EQ(ask(first), admitted);
  let_tokens_expire();
  EXPECT_EQ(ask(first), admitted);
  EXPECT_EQ(ask(second), errc::token_expired);
  EXPECT_EQ(ask(first, other), errc::token_expired);
}

TEST_F(AdmissionBook, SessionIsKnownWhileItIsBeingWrittenAndAfterwards) {
  EXPECT_EQ(ask(first), admitted);
  let_tokens_expire();
  std::error_code meanwhile = errc::storage_failed;
  storage.before = [&] { meanwhile = ask(first); };
  ASSERT_TRUE(book.flush());
  EXPECT_EQ(meanwhile, admitted);
  storage.before = {};
  ASSERT_TRUE(book.flush());
  EXPECT_EQ(book.size(), 0U);
  EXPECT_EQ(ask(first), admitted);
}

TEST_F(AdmissionBook, FlushWritesSessionsAndWhenDevicesWereSeen) {
  EXPECT_EQ(ask(first), admitted);
  const auto at = world.clock.system_now();
  world.clock.advance(minutes(1));
  EXPECT_EQ(ask(second), admitted);
  ASSERT_TRUE(book.flush());
  EXPECT_EQ(storage.notes, 1);
  EXPECT_EQ(book.size(), 0U);
  ASSERT_TRUE(written(first) && written(second));
  EXPECT_EQ(written(first)->device, device);
  EXPECT_EQ(written(first)->validated_at, at);
  EXPECT_EQ(written(second)->validated_at, at + minutes(1));
  EXPECT_EQ(last_seen(), at + minutes(1));
  EXPECT_EQ(counted("httvps_backend_admission_flushes_total{result=\"written\"}"), 1U);
}

TEST_F(AdmissionBook, EmptyBookAsksNothingOfTheDatabase) {
  ASSERT_TRUE(book.flush());
  EXPECT_EQ(storage.notes, 0);
}

TEST_F(AdmissionBook, FailedFlushKeepsItsNotesForTheNext) {
  EXPECT_EQ(ask(first), admitted);
  storage.is_busy = true;
  EXPECT_EQ(book.flush().error(), errc::storage_busy);
  EXPECT_EQ(book.size(), 2U);
  EXPECT_EQ(counted("httvps_backend_admission_flushes_total{result=\"failed\"}"), 1U);
  let_tokens_expire();
  EXPECT_EQ(ask(first), admitted);
  EXPECT_FALSE(written(first));
  storage.is_busy = false;
  ASSERT_TRUE(book.flush());
  EXPECT_EQ(book.size(), 0U);
  EXPECT_EQ(written(first)->validated_at, world.clock.system_now());
  EXPECT_EQ(last_seen(), world.clock.system_now());
}

TEST_F(AdmissionBook, NotesOfAFailedFlushDoNotHideNewerOnes) {
  const auto at = world.clock.system_now();
  book.add(note_of(first, at));
  storage.is_busy = true;
  storage.before = [&] { book.add(note_of(first, at + minutes(6))); };
  EXPECT_FALSE(book.flush());
  storage.is_busy = false;
  storage.before = {};
  ASSERT_TRUE(book.flush());
  EXPECT_EQ(written(first)->validated_at, at + minutes(6));
  EXPECT_EQ(last_seen(), at + minutes(6));
}

TEST_F(AdmissionBook, LateNotesDoNotReplaceWhatIsWrittenAndNewer) {
  const auto at = world.clock.system_now();
  book.add(note_of(first, at));
  ASSERT_TRUE(book.flush());
  book.add(note_of(first, at - minutes(10)));
  ASSERT_TRUE(book.flush());
  EXPECT_EQ(written(first)->validated_at, at);
  EXPECT_EQ(last_seen(), at);
}

TEST_F(AdmissionBook, SessionRollFindsWhatWasOnlyNoted) {
  const auto roll = [&](std::vector<services::told_session> held) {
    return validation.take_roll(gateway, {.epoch = "0a",
                                          .roll = "000000000000000a",
                                          .seq = 0,
                                          .held = std::move(held),
                                          .ended = {}});
  };
  EXPECT_EQ(ask(first), admitted);
  ASSERT_TRUE(roll({{.session = first, .device = device}}));
  EXPECT_TRUE(written(first));
  EXPECT_EQ(book.size(), 0U);
  EXPECT_EQ(ask(second), admitted);
  storage.is_busy = true;
  EXPECT_EQ(roll({}).error(), errc::storage_busy);
}

TEST_F(AdmissionBook, SuccessorsAreToldForADeviceThatWasOnlyNoted) {
  EXPECT_EQ(ask(first), admitted);
  ASSERT_TRUE(gateways.drain(world.admin(), gateway.id));
  const auto found = gateways.successors(gateway, {device}).value();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().device, device);
}

TEST_F(AdmissionBook, OtherCallersWriteTheirNotesWithTheAnswer) {
  ASSERT_TRUE(validation.validate(gateway, {.token = token, .session = first}));
  EXPECT_TRUE(written(first));
  EXPECT_EQ(last_seen(), world.clock.system_now());
  EXPECT_EQ(book.size(), 0U);
}

TEST_F(AdmissionBook, DeniedDeviceLeavesNoNote) {
  ASSERT_TRUE(world.devices.revoke(world.admin(), device));
  EXPECT_EQ(ask(first), errc::device_revoked);
  EXPECT_EQ(book.size(), 0U);
}

TEST_F(AdmissionBook, ManyThreadsLoseNoNote) {
  constexpr int writers = 4;
  constexpr int each = 50;
  std::vector<std::thread> crowd;
  const auto at = world.clock.system_now();
  for (int writer = 0; writer < writers; ++writer) {
    crowd.emplace_back([this, writer, at] {
      for (int i = 0; i < each; ++i) {
        const auto session = std::to_string(writer * each + i);
        book.add(note_of(session, at));
        EXPECT_EQ(book.holder_of({gateway.id, session}).value_or(device), device);
        EXPECT_TRUE(i % 10 != 0 || book.flush());
      }
    });
  }
  for (auto& one : crowd) {
    one.join();
  }
  ASSERT_TRUE(book.flush());
  for (int i = 0; i < writers * each; ++i) {
    EXPECT_TRUE(written(std::to_string(i))) << i;
  }
}

struct SmallAdmissionBook : ::testing::Test, protected test_support::noted_world {
  SmallAdmissionBook() : noted_world(3) {}
};

TEST_F(SmallAdmissionBook, FullBookRefusesUntilItIsWritten) {
  EXPECT_EQ(ask(first), admitted);
  EXPECT_EQ(ask(second), admitted);
  EXPECT_EQ(book.size(), 3U);
  EXPECT_EQ(ask(first), errc::storage_busy);
  ASSERT_TRUE(validation.validate(gateway, {.token = token, .session = first}));
  ASSERT_TRUE(book.flush());
  EXPECT_EQ(ask(first), admitted);
}

struct FirstUseWithABook : ::testing::Test, protected test_support::noted_world {};

TEST_F(FirstUseWithABook, BeginsWithTheAnswerAndNotLater) {
  const auto late =
      world.add_plan({.code = "used", .duration_days = 30, .start = models::plan_start::first_use});
  const auto owner = world.add_user("grace");
  const auto id = world.subscribe(owner, late).subject.id;
  const auto shown = world.enrol(owner, gateway).answer.token;
  EXPECT_EQ(ask(first, shown), admitted);
  EXPECT_FALSE(written(first));
  EXPECT_FALSE(world.accounts.subscription(id)->subject.awaits_use);
}

}
}
