#include "httvps/backend/services/usage_proof.hpp"

#include <gtest/gtest.h>

#include "httvps/backend/schemas/formats.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/usage_months.hpp"
#include "httvps/backend/services/usage_poster.hpp"
#include "httvps/backend/services/usage_roll_up.hpp"
#include "httvps/backend/services/usage_upkeep.hpp"
#include "support/life_world.hpp"
#include "support/other_tools.hpp"

namespace httvps::backend {
namespace {

using models::traffic;
using services::usage_book;
using std::chrono::days;
using std::chrono::hours;
using test_support::life_world;

class UsageProof : public testing::Test {
 protected:
  services::usage_report batch(std::uint64_t seq, const models::node& node,
                               const traffic& counted) const {
    return {.epoch = "0a",
            .seq = seq,
            .lines = {
                {.session = 1, .node = node.id, .counted = counted, .token = device.answer.token}}};
  }
  void report(const models::gateway& gateway, const services::usage_report& sent) {
    ASSERT_TRUE(world.usage.report(gateway, sent));
  }
  void roll_up() { ASSERT_TRUE(services::usage_roll_up(world.tools).run()); }
  void tidy() {
    ASSERT_TRUE(services::usage_months(world.tools, days(35)).run());
    ASSERT_TRUE(services::usage_upkeep(world.tools).run());
  }
  void report_a_day() {
    report(north, batch(1, orchard, {.up = 100, .down = 10}));
    world.clock.advance(hours(3));
    report(north, batch(2, orchard, {.up = 250, .down = 30}));
    report(north, batch(2, orchard, {.up = 250, .down = 30}));
    report(south, batch(1, meadow, {.up = 7, .down = 70}));
    roll_up();
  }
  std::string today() const { return models::day_of(world.clock.system_now()); }
  services::proven_day proven(const std::string& day = {}) const {
    return world.proof.on(schemas::read_day(day)).value();
  }
  static services::book_total total(const services::proven_day& found, usage_book book) {
    return found.books.at(static_cast<std::size_t>(book));
  }
  void change(const services::transaction& body) { ASSERT_TRUE(world.store->write(body)); }
  void add_to_days(const models::node& node, const traffic& added) {
    change([&](services::repositories& tables) {
      return tables.books.add_to_days(
          {{.day = today(), .device = device.answer.device.id, .node = node.id, .counted = added}});
    });
  }
  void add_to_hours(const models::node& node, const traffic& added) {
    change([&](services::repositories& tables) {
      return tables.books.add_to_hours(
          {{.hour = today() + "T05", .node = node.id, .gateway = north.id, .added = added}});
    });
  }

  life_world world;
  models::user user = world.add_user("ada");
  models::gateway north = world.join("north").gateway;
  models::gateway south = world.join("south").gateway;
  models::node orchard = world.add_node("orchard");
  models::node meadow = world.add_node("meadow");
  services::subscription_report subscription = world.subscribe(user, world.add_plan());
  test_support::enrolled device = world.enrol(user, north);
};

TEST_F(UsageProof, BooksOfADayAgreeAfterReportsOfSeveralGatewaysNodesAndHours) {
  report_a_day();
  const auto running = proven(today());
  EXPECT_FALSE(running.is_complete());
  EXPECT_TRUE(running.agrees());
  world.clock.advance(days(1));
  report(north, batch(3, orchard, {.up = 1000, .down = 1000}));
  roll_up();
  const auto found = proven();
  EXPECT_EQ(found.day, running.day);
  EXPECT_TRUE(found.is_complete());
  EXPECT_TRUE(found.agrees());
  EXPECT_TRUE(found.gaps.empty());
  for (const auto book : {usage_book::journal, usage_book::hours, usage_book::days}) {
    EXPECT_TRUE(total(found, book).is_held);
    EXPECT_EQ(total(found, book).book, book);
    EXPECT_EQ(total(found, book).sum, (traffic{.up = 257, .down = 100}));
  }
  EXPECT_EQ(total(found, usage_book::journal).rows, 3U);
  EXPECT_EQ(total(found, usage_book::hours).rows, 3U);
  EXPECT_EQ(total(found, usage_book::days).rows, 2U);
}

TEST_F(UsageProof, BatchThatWaitsForItsRollUpIsShownAndIsNoDifference) {
  report_a_day();
  report(south, batch(2, meadow, {.up = 17, .down = 75}));
  const auto waiting = proven(today());
  EXPECT_TRUE(waiting.agrees());
  EXPECT_EQ(waiting.unfinished.waiting_batches, 1U);
  EXPECT_EQ(waiting.unfinished.waiting_rows, 1U);
  EXPECT_EQ(waiting.unfinished.waiting, (traffic{.up = 10, .down = 5}));
  EXPECT_EQ(total(waiting, usage_book::journal).rows, 3U);
  world.clock.advance(days(1));
  EXPECT_FALSE(proven().is_complete());
  roll_up();
  const auto rolled_up = proven();
  EXPECT_TRUE(rolled_up.is_complete());
  EXPECT_TRUE(rolled_up.agrees());
  EXPECT_EQ(total(rolled_up, usage_book::journal).rows, 4U);
}

TEST_F(UsageProof, BatchThatIsNotCountedYetIsShownAndIsNoDifference) {
  report_a_day();
  services::posting_queue queue;
  const auto tools = test_support::tools_with(queue, *world.store, world.tools);
  ASSERT_TRUE(
      services::usage_service(tools).report(north, batch(3, orchard, {.up = 300, .down = 30})));
  const auto day = today();
  world.clock.advance(days(1));
  const auto uncounted = proven(day);
  EXPECT_TRUE(uncounted.agrees());
  EXPECT_FALSE(uncounted.is_complete());
  EXPECT_EQ(uncounted.unfinished.uncounted_batches, 1U);
  EXPECT_EQ(uncounted.unfinished.uncounted_rows, 1U);
  EXPECT_EQ(uncounted.unfinished.waiting_batches, 0U);
  EXPECT_EQ(proven(today()).unfinished.uncounted_batches, 0U);
  ASSERT_TRUE(services::usage_poster(tools).post_next());
  EXPECT_EQ(proven(day).unfinished.waiting_batches, 1U);
  roll_up();
  const auto counted = proven(day);
  EXPECT_TRUE(counted.is_complete());
  EXPECT_TRUE(counted.agrees());
  EXPECT_EQ(total(counted, usage_book::days).sum, (traffic{.up = 307, .down = 100}));
}

TEST_F(UsageProof, ByteTooManyInTheDaysIsNamed) {
  report_a_day();
  add_to_days(orchard, {.up = 0, .down = 1});
  const auto found = proven(today());
  EXPECT_FALSE(found.agrees());
  ASSERT_EQ(found.differences.size(), 1U);
  const auto& difference = found.differences.front();
  EXPECT_EQ(difference.book, usage_book::hours);
  EXPECT_EQ(difference.other, usage_book::days);
  EXPECT_EQ(difference.node, orchard.id);
  EXPECT_EQ(difference.in_book, (traffic{.up = 250, .down = 30}));
  EXPECT_EQ(difference.in_other, (traffic{.up = 250, .down = 31}));
}

TEST_F(UsageProof, ByteTooManyInTheHoursDiffersFromBothOthers) {
  report_a_day();
  add_to_hours(meadow, {.up = 1, .down = 0});
  const auto found = proven(today());
  ASSERT_EQ(found.differences.size(), 2U);
  EXPECT_EQ(found.differences[0].book, usage_book::journal);
  EXPECT_EQ(found.differences[0].other, usage_book::hours);
  EXPECT_EQ(found.differences[1].book, usage_book::hours);
  EXPECT_EQ(found.differences[1].other, usage_book::days);
  EXPECT_EQ(found.differences[1].node, meadow.id);
}

TEST_F(UsageProof, RowTooManyInTheJournalIsNamed) {
  report_a_day();
  const services::epoch_name epoch{.gateway = south.id, .epoch = "0a"};
  const models::usage_batch added{.gateway = south.id,
                                  .epoch = "0a",
                                  .seq = 2,
                                  .digest = "none",
                                  .rows = 1,
                                  .received_at = world.clock.system_now()};
  change([&](services::repositories& tables) -> base::result<> {
    HTTVPS_CHECK(tables.journal.insert(added));
    HTTVPS_CHECK(tables.deltas.append(added, {{.hour = today() + "T11",
                                               .device = device.answer.device.id,
                                               .node = meadow.id,
                                               .subscription = subscription.subject.id,
                                               .period = world.clock.system_now(),
                                               .added = {.up = 5, .down = 0}}}));
    return tables.backlog.remove({{.epoch = epoch, .seq = 2}});
  });
  const auto found = proven(today());
  ASSERT_EQ(found.differences.size(), 1U);
  EXPECT_EQ(found.differences[0].book, usage_book::journal);
  EXPECT_EQ(found.differences[0].other, usage_book::hours);
  EXPECT_EQ(found.differences[0].node, meadow.id);
  EXPECT_EQ(found.differences[0].in_book.up, 12U);
}

TEST_F(UsageProof, NodesDoNotMakeUpForEachOther) {
  report_a_day();
  add_to_hours(meadow, {.up = 9, .down = 0});
  add_to_days(orchard, {.up = 9, .down = 0});
  const auto found = proven(today());
  EXPECT_EQ(total(found, usage_book::hours).sum, total(found, usage_book::days).sum);
  EXPECT_EQ(found.differences.size(), 3U);
}

TEST_F(UsageProof, MissingNumbersOfTheDayAreShownByEpoch) {
  report_a_day();
  report(north, batch(5, orchard, {.up = 500, .down = 50}));
  report(north, batch(6, orchard, {.up = 600, .down = 60}));
  roll_up();
  const auto found = proven(today());
  EXPECT_TRUE(found.agrees());
  ASSERT_EQ(found.gaps.size(), 1U);
  EXPECT_EQ(found.gaps[0].epoch.gateway, north.id);
  EXPECT_EQ(found.gaps[0].epoch.epoch, "0a");
  EXPECT_EQ(found.gaps[0].acked_through, 2U);
  EXPECT_EQ(found.gaps[0].highest, 6U);
  EXPECT_EQ(found.gaps[0].missing, 2U);
  world.clock.advance(days(1));
  EXPECT_TRUE(proven(today()).gaps.empty());
}

TEST_F(UsageProof, HalfAJournalIsNotCompared) {
  report_a_day();
  const auto day = today();
  world.clock.advance(days(7) - hours(1));
  tidy();
  const auto found = proven(day);
  EXPECT_TRUE(found.agrees());
  EXPECT_FALSE(total(found, usage_book::journal).is_held);
  EXPECT_EQ(total(found, usage_book::journal).rows, 0U);
  EXPECT_TRUE(total(found, usage_book::hours).is_held);
  EXPECT_EQ(total(found, usage_book::days).sum, (traffic{.up = 257, .down = 100}));
}

TEST_F(UsageProof, WithoutTheJournalHoursAndDaysAreStillCompared) {
  report_a_day();
  add_to_days(orchard, {.up = 1, .down = 0});
  const auto day = today();
  world.clock.advance(days(20));
  tidy();
  const auto found = proven(day);
  ASSERT_EQ(found.differences.size(), 1U);
  EXPECT_EQ(found.differences[0].book, usage_book::hours);
}

TEST_F(UsageProof, DayThatIsNoLongerHeldIsNoFalseAlarm) {
  report_a_day();
  const auto day = today();
  world.clock.advance(days(36));
  tidy();
  const auto found = proven(day);
  EXPECT_TRUE(found.agrees());
  for (const auto& each : found.books) {
    EXPECT_FALSE(each.is_held);
    EXPECT_EQ(each.sum, traffic{});
  }
  EXPECT_EQ(found.books.size(), 3U);
}

TEST_F(UsageProof, JournalIsHeldAsLongAsTheSettingsSay) {
  report_a_day();
  const auto day = today();
  ASSERT_TRUE(world.settings.change(world.chief, {.usage_journal_days = std::optional(30U)}));
  world.clock.advance(days(20));
  EXPECT_TRUE(total(proven(day), usage_book::journal).is_held);
  world.clock.advance(days(11));
  EXPECT_FALSE(total(proven(day), usage_book::journal).is_held);
}

TEST_F(UsageProof, IsReadByEveryAdministratorAndNamesWhatDiffers) {
  report_a_day();
  const auto ask = [&] {
    return world.call({.method = "GET",
                       .target = "/api/v1/admin/usage/verify?day=" + today(),
                       .token = world.token_of(models::admin_role::read_only)});
  };
  const auto well = ask();
  ASSERT_EQ(well.status, 200) << well.body;
  EXPECT_NE(well.body.find(R"("agree":true,"is_complete":false,)"
                           R"("journal":{"state":"held","rows":3,"up":257,"down":100})"),
            std::string::npos)
      << well.body;
  add_to_days(orchard, {.up = 1, .down = 0});
  const auto wrong = ask();
  EXPECT_NE(wrong.body.find(R"("agree":false)"), std::string::npos) << wrong.body;
  EXPECT_NE(
      wrong.body.find(R"("differences_found":1,"differences":[{"node_id":")" + orchard.id.text() +
                      R"(","book":"hours","other_book":"days",)"
                      R"("in_book":{"up":250,"down":30},"in_other_book":{"up":251,)"),
      std::string::npos)
      << wrong.body;
  EXPECT_EQ(world.get("usage/verify?day=2026-13-99").status, 422);
}

TEST_F(UsageProof, NeedsTheSchemaOfTheJournal) {
  ASSERT_TRUE(world.store->migrate_down(services::usage_journal_schema - 1));
  EXPECT_EQ(world.proof.on(std::nullopt).error(), services::errc::schema_too_old);
}

}
}
