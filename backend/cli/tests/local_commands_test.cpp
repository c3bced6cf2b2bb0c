#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "audit_check.hpp"
#include "completion.hpp"
#include "doctor.hpp"
#include "local_orders.hpp"
#include "usage_proof.hpp"

namespace httvps::ctl {
namespace {

json::value audit_line(std::int64_t seq, std::string previous, std::string hash) {
  return json::object{{"seq", seq}, {"previous_hash", previous}, {"hash", hash}};
}

TEST(CtlAudit, AMissingOrReplacedLineBreaksTheChain) {
  const std::string zeros(64, '0');
  audit_check whole;
  EXPECT_TRUE(whole.add(audit_line(1, zeros, "a")));
  EXPECT_TRUE(whole.add(audit_line(2, "a", "b")));
  EXPECT_EQ(whole.lines(), 2U);
  auto skipped = whole;
  EXPECT_NE(skipped.add(audit_line(4, "b", "c")).error().text.find("line 3 is missing"),
            std::string::npos);
  EXPECT_NE(whole.add(audit_line(3, "x", "c")).error().text.find("line 3 does not follow"),
            std::string::npos);
  EXPECT_FALSE(audit_check().add(audit_line(1, "a", "b")));
  EXPECT_TRUE(audit_check().add(audit_line(7, "a", "b")));
}

TEST(CtlUsage, TopSumsAndSorts) {
  const auto items = json::parse(R"([{"device_id":"a","up":1,"down":2},{"device_id":"b","up":9,
    "down":0},{"device_id":"a","up":3,"down":4},{"device_id":"c","up":1,"down":0}])");
  const auto rows =
      top_of(items.as_array(), {.first_day = {}, .last_day = {}, .most = 2}, output_form::json);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].at("device_id").as_string(), "a");
  EXPECT_EQ(rows[0].at("total").as_int64(), 10);
  EXPECT_EQ(rows[1].at("device_id").as_string(), "b");
  EXPECT_EQ(to_size(1536), "1.5 KiB");
  EXPECT_EQ(to_size(17), "17 B");
}

TEST(CtlUsage, BooksThatDoNotAgreeAreAFailureThatNamesThem) {
  EXPECT_TRUE(verdict_on_books(json::parse(R"({"day":"2026-11-28","agree":true})")));
  const auto verdict = verdict_on_books(json::parse(R"({"day":"2026-11-28","agree":false,
    "differences":[{"node_id":"nod_a","book":"hours","other_book":"days",
    "in_book":{"up":7,"down":1},"in_other_book":{"up":8,"down":1}}]})"));
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().code, exit_code::failed);
  EXPECT_EQ(verdict.error().text,
            "The books of 2026-11-28 do not agree. Of nod_a, hours say 7 up and 1 down and days "
            "say 8 up and 1 down.");
  EXPECT_FALSE(verdict_on_books(json::parse(R"({"day":"2026-11-28"})")));
}

TEST(CtlDoctor, ClockLagAndGapsAreGraded) {
  EXPECT_EQ(judge_clock(100, 105).outcome, verdict::ok);
  EXPECT_EQ(judge_clock(106, 100).outcome, verdict::warn);
  EXPECT_EQ(judge_clock(100, 161).outcome, verdict::fail);
  EXPECT_EQ(judge_lag(30).outcome, verdict::ok);
  EXPECT_EQ(judge_lag(31).outcome, verdict::warn);
  EXPECT_EQ(judge_lag(301).outcome, verdict::fail);
  EXPECT_EQ(judge_lag({}).outcome, verdict::warn);
  EXPECT_EQ(judge_gaps(0).outcome, verdict::ok);
  EXPECT_EQ(judge_gaps(1).outcome, verdict::warn);
  EXPECT_EQ(seconds_of_date("Thu, 01 Jan 1970 00:01:00 GMT"), 60);
}

TEST(CtlDoctor, SchemaRoomBacklogAndKeysAreGraded) {
  EXPECT_EQ(judge_schema(13, 13).outcome, verdict::ok);
  EXPECT_EQ(judge_schema(12, 13).outcome, verdict::warn);
  EXPECT_NE(judge_schema(12, 13).sentence.find("httvps-backend migrate up"), std::string::npos);
  EXPECT_EQ(judge_schema({}, 13).outcome, verdict::warn);
  EXPECT_EQ(judge_room(2048.0 * 1024 * 1024).outcome, verdict::ok);
  EXPECT_EQ(judge_room(1000.0 * 1024 * 1024).outcome, verdict::warn);
  EXPECT_EQ(judge_room(100.0 * 1024 * 1024).outcome, verdict::fail);
  EXPECT_EQ(judge_room({}).outcome, verdict::ok);
  EXPECT_EQ(judge_backlog(100).outcome, verdict::ok);
  EXPECT_EQ(judge_backlog(101).outcome, verdict::warn);
  EXPECT_EQ(judge_backlog(10001).outcome, verdict::fail);
  const auto keys = json::parse(R"([{"state":"active","age_s":86400},
    {"state":"removed","age_s":86400000},{"state":"active","age_s":864000}])");
  EXPECT_EQ(judge_keys(keys.as_array()).outcome, verdict::warn);
  EXPECT_NE(judge_keys(keys.as_array()).sentence.find("10 days"), std::string::npos);
  EXPECT_EQ(judge_keys({}).outcome, verdict::ok);
}

TEST(CtlDoctor, CredentialsNearTheirEndAreNamed) {
  const auto items = json::parse(R"([
    {"owner_id":"gw_a","kind":"gateway","state":"valid","created_at":"1970-01-01T00:00:00.000Z",
     "expires_at":"1970-01-31T00:00:00.000Z"},
    {"owner_id":"gw_b","kind":"gateway","state":"revoked","created_at":"1970-01-01T00:00:00.000Z",
     "expires_at":"1970-01-02T00:00:00.000Z"},
    {"owner_id":"node_c","kind":"node","state":"due","created_at":"1970-01-01T00:00:00.000Z",
     "expires_at":null}])")
                         .as_array();
  const auto at = [](std::int64_t days) { return base::from_unix_seconds(days * 86400); };
  EXPECT_EQ(judge_credentials(items, at(24)).size(), 1U);
  EXPECT_EQ(judge_credentials(items, at(24)).front().outcome, verdict::ok);
  const auto late = judge_credentials(items, at(25));
  ASSERT_EQ(late.size(), 2U);
  EXPECT_EQ(late[1].outcome, verdict::warn);
  EXPECT_NE(to_line(late[1]).find("gw_a: expires in 120 h and is not renewed"), std::string::npos);
  EXPECT_NE(to_line(judge_credentials(items, at(30)).at(1)).find("has expired"), std::string::npos);
}

TEST(CtlDoctor, BackupOlderThanTheNewestSigningKeyIsNamed) {
  const auto keys = [](const std::string& made) {
    return json::parse(R"({"signing":[{"created_at":"1970-01-02T00:00:00.000Z"},
      {"created_at":"1970-01-03T00:00:00.000Z"}],"last_backup_at":)" +
                       made + "}");
  };
  const auto now = base::from_unix_seconds(6 * 86400);
  EXPECT_EQ(judge_backup(keys("null"), now).outcome, verdict::warn);
  EXPECT_EQ(judge_backup(keys("\"1970-01-02T12:00:00.000Z\""), now).outcome, verdict::warn);
  const auto fresh = judge_backup(keys("\"1970-01-04T00:00:00.000Z\""), now);
  EXPECT_EQ(fresh.outcome, verdict::ok);
  EXPECT_NE(fresh.sentence.find("3 days"), std::string::npos) << fresh.sentence;
}

TEST(CtlDoctor, MetricIsFoundByItsWholeName) {
  EXPECT_EQ(metric_in("a{b=\"c\"} 4\na{b=\"d\"} 5\n", "a{b=\"d\"}"), 5);
  EXPECT_EQ(metric_in("# HELP a x\na_total 3\na 2.5\n", "a"), 2.5);
  EXPECT_EQ(metric_in("b 1\n", "a"), std::nullopt);
}

TEST(CtlDoctor, HeartbeatsAreExpectedOfApprovedGatewaysAndAgents) {
  const auto items = json::parse(R"([
    {"name":"good","state":"approved","heartbeat":{"received_at":"1970-01-01T00:01:00.000Z"}},
    {"name":"mute","state":"approved","heartbeat":null},
    {"name":"new","state":"pending","heartbeat":null},
    {"name":"keyed","state":"enabled","keyring":null,"heartbeat":null},
    {"name":"agent","state":"enabled","keyring":{"source":"agent"},
     "heartbeat":{"received_at":"1970-01-01T00:00:29.000Z","last_error":"x"}}])");
  const auto found = judge_heartbeats(items.as_array(), "gateway", base::from_unix_seconds(60));
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].outcome, verdict::ok);
  EXPECT_EQ(found[1].outcome, verdict::fail);
  EXPECT_EQ(found[2].outcome, verdict::fail);
  EXPECT_EQ(to_line(found[0]), "ok   gateway good: heard 0 s ago");
}

}
}
