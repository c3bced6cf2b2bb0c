#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "audit_check.hpp"
#include "completion.hpp"
#include "doctor.hpp"
#include "local_orders.hpp"
#include "usage_proof.hpp"

namespace httvps::ctl {
namespace {

constexpr std::string_view first_hash =
    "41ddca9b2d7d7dcb095a765e3c09776d224893e011506d7826b84ed0f337163d";
constexpr std::string_view second_hash =
    "5e65d94dd879442e463e85d9582f0b3641ec088e39f65cacafcab3f4e068e258";

json::value first_line() {
  return json::parse(
      R"({"seq":1,"id":"aud_00000000000000000000000001","at":"2026-11-28T10:00:00.000Z",
    "at_us":1795860000000001,"actor":"adm_1","actor_name":"Ada","token":"",
    "address":"192.0.2.7","request_id":"r1","action":"user.create","object":"usr_1",
    "detail":"","before":null,"after":{"name":"Zoe","state":"active"},
    "previous_hash":"0000000000000000000000000000000000000000000000000000000000000000",
    "hash":"41ddca9b2d7d7dcb095a765e3c09776d224893e011506d7826b84ed0f337163d"})");
}

json::value second_line() {
  return json::parse(
      R"({"seq":2,"id":"aud_00000000000000000000000002","at":"2026-11-28T10:00:00.000Z",
    "at_us":1795860000000002,"actor":"adm_1","actor_name":"Ada","token":"",
    "address":"192.0.2.7","request_id":"r2","action":"plan.change","object":"plan_1",
    "detail":"","before":{"quota_bytes":null,"regions":["eu"]},"after":{"quota_bytes":1000,
    "regions":["eu","us"]},
    "previous_hash":"41ddca9b2d7d7dcb095a765e3c09776d224893e011506d7826b84ed0f337163d",
    "hash":"5e65d94dd879442e463e85d9582f0b3641ec088e39f65cacafcab3f4e068e258"})");
}

json::value with(json::value line, std::string_view name, json::value value) {
  line.as_object()[name] = std::move(value);
  return line;
}

json::string repeated(char digit) {
  return json::string(64, digit);
}

std::string fault_of(audit_check check, const json::value& line) {
  const auto done = check.add(line);
  return done ? std::string() : done.error().text;
}

TEST(CtlAudit, AMissingOrReplacedLineBreaksTheChain) {
  audit_check check;
  ASSERT_TRUE(check.add(first_line()));
  EXPECT_EQ(check.hash(), first_hash);
  EXPECT_NE(fault_of(check, with(second_line(), "seq", 3)).find("line 2 is missing"),
            std::string::npos);
  EXPECT_NE(fault_of(check, with(second_line(), "previous_hash", repeated('a')))
                .find("line 2 does not follow"),
            std::string::npos);
  ASSERT_TRUE(check.add(second_line()));
  EXPECT_EQ(check.lines(), 2U);
  EXPECT_EQ(check.hash(), second_hash);
  EXPECT_TRUE(audit_check().add(second_line())) << "lines before it were swept";
  EXPECT_FALSE(audit_check().add(with(first_line(), "previous_hash", repeated('a'))));
}

TEST(CtlAudit, AnAlteredContentIsFoundWhateverItIs) {
  audit_check check;
  ASSERT_TRUE(check.add(first_line()));
  for (const auto* name : {"id", "actor", "actor_name", "token", "address", "request_id", "action",
                           "object", "detail"}) {
    EXPECT_NE(fault_of(check, with(second_line(), name, "changed")).find("line 2 was altered"),
              std::string::npos)
        << name;
  }
  for (const auto* name : {"before", "after"}) {
    EXPECT_NE(fault_of(check, with(second_line(), name, json::object{{"quota_bytes", 2}}))
                  .find("line 2 was altered"),
              std::string::npos)
        << name;
  }
  EXPECT_NE(fault_of(check, with(second_line(), "at_us", 1)).find("line 2 was altered"),
            std::string::npos);
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
