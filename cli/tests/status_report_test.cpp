#include "status/status_report.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "errc.hpp"
#include "httvps/sdk/errc.hpp"

namespace httvps::cli {
namespace {

using namespace std::chrono_literals;

const auto start = base::from_unix_seconds(1'800'000'000);

status_facts connected_facts() {
  return {.tunnel = {.phase = sdk::tunnel_phase::connected,
                     .connected_since = start,
                     .gateway_id = "gw_one",
                     .gateway_host = "gateway.test",
                     .gateway_address = "192.0.2.1:443",
                     .open_streams = 2,
                     .streams_opened = 9,
                     .sessions = 1,
                     .bytes_up = 1536,
                     .bytes_down = 3 * base::gibibyte,
                     .round_trip = 12ms,
                     .token_expires = start + 1h},
          .socks = {.open_connections = 2, .accepted = 9},
          .socks_address = "127.0.0.1:1080",
          .device_id = "dev_1",
          .device_name = "laptop",
          .process = 42};
}

TEST(StatusReport, JsonHoldsTheFigures) {
  const auto report = boost::json::parse(to_json(connected_facts()));
  EXPECT_EQ(report.at("state").as_string(), "connected");
  EXPECT_EQ(report.at("gateway").at("address").as_string(), "192.0.2.1:443");
  EXPECT_EQ(report.at("streams").at("open").to_number<int>(), 2);
  EXPECT_EQ(report.at("bytes").at("down").to_number<std::uint64_t>(), 3 * base::gibibyte);
  EXPECT_EQ(report.at("round_trip_ms").as_double(), 12.0);
  EXPECT_TRUE(report.at("last_error").is_null());
  EXPECT_TRUE(report.at("policy").at("version").is_null());
}

TEST(StatusReport, NamesThePolicyAndWhyAnotherOneWasRefused) {
  auto facts = connected_facts();
  facts.tunnel.policy = identity::policy_claims{.version = 7};
  facts.tunnel.policy_failure = sdk::errc::policy_rollback;
  const auto report = boost::json::parse(to_json(facts));
  EXPECT_EQ(report.at("policy").at("version").to_number<int>(), 7);
  EXPECT_EQ(report.at("policy").at("refused").as_string(), "policy_rollback");
}

TEST(StatusReport, SentencesSayWhatTheFiguresMean) {
  const auto text = describe_status(to_json(connected_facts()), start + 2h + 5min);
  ASSERT_TRUE(text);
  EXPECT_TRUE(text->contains("Connected to gateway gateway.test (gw_one) at 192.0.2.1:443"));
  EXPECT_TRUE(text->contains("(2 h 5 min)"));
  EXPECT_TRUE(text->contains("Bytes: 1.5 KiB up, 3.00 GiB down."));
  EXPECT_TRUE(text->contains("Nothing has failed so far."));
}

TEST(StatusReport, RoundTripsAreToldOneByOneAndAsShares) {
  auto facts = connected_facts();
  EXPECT_FALSE(describe_status(to_json(facts), start)->contains("Round trip"));
  for (const auto span : {20ms, 21ms, 140ms}) {
    facts.tunnel.measured.note(span);
  }
  const auto text = to_json(facts);
  const auto pings = boost::json::parse(text).at("pings");
  EXPECT_EQ(pings.at("count").to_number<int>(), 3);
  EXPECT_EQ(pings.at("p50_ms").as_double(), 21.0);
  EXPECT_EQ(pings.at("recent_ms").as_array().size(), 3U);
  EXPECT_EQ(pings.at("recent_ms").at(2).as_double(), 140.0);
  EXPECT_TRUE(describe_status(text, start)
                  ->contains("Round trip: half within 21.0 ms, 95 % within 140.0 ms."));
}

TEST(StatusReport, LastProblemIsToldWithItsSentence) {
  auto facts = connected_facts();
  facts.tunnel.phase = sdk::tunnel_phase::waiting;
  facts.tunnel.connected_since.reset();
  facts.tunnel.last_failure = sdk::tunnel_failure{
      .code = sdk::errc::gateway_timed_out, .sentence = "No answer.", .at = start};
  const auto text = describe_status(to_json(facts), start);
  ASSERT_TRUE(text);
  EXPECT_TRUE(text->contains("Not connected: waiting to try again."));
  EXPECT_TRUE(text->contains("No answer. (gateway_timed_out)"));
}

TEST(StatusReport, ForeignTextIsRefused) {
  for (const auto* text : {"", "{}", "[]", "null", R"({"format":2})", R"({"format":"1"})"}) {
    EXPECT_EQ(describe_status(text, start).error(), errc::status_malformed) << text;
  }
}

TEST(StatusReport, AmountsAndSpansAreReadable) {
  EXPECT_EQ(describe_amount(0), "0 B");
  EXPECT_EQ(describe_amount(1023), "1023 B");
  EXPECT_EQ(describe_amount(base::mebibyte), "1.0 MiB");
  EXPECT_EQ(describe_span(59s), "59 s");
  EXPECT_EQ(describe_span(61s), "1 min");
  EXPECT_EQ(describe_span(3h + 10min), "3 h 10 min");
}

}
}
