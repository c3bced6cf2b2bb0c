#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "httvps/backend/services/audit_service.hpp"
#include "httvps/backend/services/errc.hpp"
#include "support/stored_database.hpp"

namespace httvps::backend::services {
namespace {

using namespace std::chrono_literals;
using test_support::stored_database;

constexpr int lines_written = 6;

class AuditChain : public ::testing::Test {
 protected:
  AuditChain() : store(home.open_migrated()) {}

  base::result<> write_line(const std::string& object) { return append_to(*store, object); }
  base::result<> append_to(services::store& into, const std::string& object) {
    return into.write([&](repositories& tables) {
      models::audit_line line{
          .id = models::audit_id::make(clock.system_now(), base::secure_random()),
          .at = clock.system_now(),
          .actor = "adm_1"};
      line.action = "user.create";
      line.object = object;
      line.after = R"({"name":"é \"x\""})";
      return append_audit_line(tables, std::move(line));
    });
  }
  void fill() {
    for (int i = 1; i <= lines_written; ++i) {
      ASSERT_TRUE(write_line("usr_" + std::to_string(i)));
    }
  }
  audit_verdict verdict() { return *audit().verify(); }
  std::int64_t broken_at() {
    const auto found = verdict();
    return found.fault ? found.fault->seq : 0;
  }
  audit_service audit() {
    return audit_service({.storage = *store, .clock = clock, .random = base::secure_random()});
  }

  stored_database home;
  base::manual_clock clock;
  std::unique_ptr<storage::sql_store> store;
};

TEST_F(AuditChain, IsWholeAsWritten) {
  EXPECT_FALSE(verdict().fault);
  fill();
  const auto found = verdict();
  EXPECT_FALSE(found.fault);
  EXPECT_EQ(found.lines, 6U);
  EXPECT_EQ(found.tip.seq, 6);
}

TEST_F(AuditChain, AlteredLineIsNamedWhateverFieldItIs) {
  fill();
  for (const auto* column : {"id", "actor", "actor_name", "token", "address", "request_id",
                             "action", "object", "detail", "state_before", "state_after"}) {
    const std::string name(column);
    home.run_raw("UPDATE audit_chain SET " + name + " = " + name + " || 'x' WHERE seq = 3");
    EXPECT_EQ(broken_at(), 3) << name;
    home.run_raw("UPDATE audit_chain SET " + name + " = substr(" + name + ", 1, length(" + name +
                 ") - 1) WHERE seq = 3");
    EXPECT_EQ(broken_at(), 0) << name;
  }
  home.run_raw("UPDATE audit_chain SET at = at + 1 WHERE seq = 4");
  EXPECT_EQ(broken_at(), 4);
}

TEST_F(AuditChain, LineAlteredWithANewHashOfItsOwnBreaksTheNextOne) {
  fill();
  const auto lines = *audit().following({.after = 2, .size = 1});
  auto forged = lines.front();
  forged.object = "usr_forged";
  home.run_raw("UPDATE audit_chain SET object = 'usr_forged', hash = '" + audit_hash(forged) +
               "' WHERE seq = 3");
  EXPECT_EQ(broken_at(), 4);
}

TEST_F(AuditChain, DeletedLinesAreFoundAtTheFrontInTheMiddleAndAtTheEnd) {
  fill();
  home.run_raw("DELETE FROM audit_chain WHERE seq = 6");
  EXPECT_EQ(broken_at(), 6);
  home.run_raw("DELETE FROM audit_chain WHERE seq = 3");
  EXPECT_EQ(broken_at(), 3);
  home.run_raw("DELETE FROM audit_chain WHERE seq <= 3");
  EXPECT_EQ(broken_at(), 3);
  home.run_raw("DELETE FROM audit_chain");
  EXPECT_EQ(broken_at(), 1);
}

TEST_F(AuditChain, ReorderedLinesAreFound) {
  fill();
  home.run_raw("UPDATE audit_chain SET seq = 100 WHERE seq = 2");
  home.run_raw("UPDATE audit_chain SET seq = 2 WHERE seq = 3");
  home.run_raw("UPDATE audit_chain SET seq = 3 WHERE seq = 100");
  EXPECT_EQ(broken_at(), 2);
}

TEST_F(AuditChain, IsOneChainForManyWritersOfTwoProcesses) {
  const auto other = home.open();
  constexpr int each = 15;
  std::atomic<int> written = 0;
  {
    std::vector<std::jthread> all;
    for (auto* into : {store.get(), other.get(), store.get(), other.get()}) {
      all.emplace_back([&, into] {
        for (int i = 0; i < each; ++i) {
          written += append_to(*into, "usr_x") ? 1 : 0;
        }
      });
    }
  }
  EXPECT_GE(written, each);
  const auto found = verdict();
  EXPECT_FALSE(found.fault) << found.fault->sentence;
  EXPECT_EQ(found.lines, static_cast<std::uint64_t>(written));
}

TEST_F(AuditChain, SweepTakesWhatIsOlderThan400DaysAndTheRestStaysVerifiable) {
  fill();
  clock.advance(std::chrono::hours(24 * 400 + 1));
  ASSERT_TRUE(write_line("usr_new"));
  EXPECT_EQ(audit().sweep(), 6U);
  auto found = verdict();
  EXPECT_FALSE(found.fault) << found.fault->sentence;
  EXPECT_EQ(found.lines, 2U);
  EXPECT_EQ(audit().sweep(), 0U);
  home.run_raw("DELETE FROM audit_chain WHERE seq = 7");
  EXPECT_EQ(broken_at(), 7);
}

TEST_F(AuditChain, LinesOutliveTheirMigrationTakenBackAndAppliedAgain) {
  fill();
  const auto before = *audit().following({});
  ASSERT_FALSE(before.empty());
  ASSERT_TRUE(store->migrate_down(audit_chain_schema - 1));
  EXPECT_EQ(home.read_raw("SELECT COUNT(*) FROM audit_log"),
            static_cast<std::int64_t>(before.size()));
  ASSERT_TRUE(store->migrate_up());
  EXPECT_EQ(audit().adopt(), before.size());
  const auto objects = [](const std::vector<models::audit_line>& lines) {
    std::set<std::string> found;
    for (const auto& line : lines) {
      found.insert(line.object);
    }
    return found;
  };
  EXPECT_EQ(objects(*audit().following({})), objects(before));
  EXPECT_FALSE(verdict().fault);
}

TEST_F(AuditChain, LinesOfTheSchemaBeforeAreTakenIn) {
  ASSERT_TRUE(store->write([&](repositories& tables) {
    return tables.audit.append(
        {.id = models::audit_id::make(clock.system_now(), base::secure_random()),
         .at = clock.system_now(),
         .actor = "adm_old",
         .request_id = "r",
         .action = "plan.create",
         .object = "plan_1",
         .detail = "d"});
  }));
  EXPECT_EQ(audit().adopt(), 1U);
  EXPECT_EQ(audit().adopt(), 0U);
  const auto lines = *audit().following({});
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].actor, "adm_old");
  EXPECT_EQ(lines[0].detail, "d");
  EXPECT_FALSE(verdict().fault);
}

TEST_F(AuditChain, LineOfAChangeThatFailedIsNotThere) {
  const auto outcome = store->write([&](repositories& tables) -> base::result<> {
    models::audit_line line{.id = models::audit_id::trusted("aud_1"), .actor = "a"};
    HTTVPS_CHECK(append_audit_line(tables, line));
    return base::fail(errc::invalid_dates);
  });
  EXPECT_FALSE(outcome);
  EXPECT_EQ(verdict().lines, 0U);
  EXPECT_FALSE(verdict().fault);
}

}
}
