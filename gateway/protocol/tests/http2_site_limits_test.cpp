#include <gtest/gtest.h>

#include "http2_browser.hpp"

namespace httvps::gateway::testing {
namespace {

TEST(Http2Site, BodiesWaitForTheWindowOfTheBrowser) {
  http2_site site(clock_of_tests());
  browser client(0);
  client.ask(request("GET", "/"), 1);
  EXPECT_EQ(summary_of(client, client.talk(site)), (lines{"1 200"}));
  net::append_window_update(client.sent(), 1, 10);
  EXPECT_EQ(summary_of(client, client.talk(site)), (lines{"1 data 10"}));
  net::append_window_update(client.sent(), 1, 100'000);
  const auto rest = of_streams(client.talk(site));
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_TRUE(rest[0].head.has(http2_flag::end_stream));
}

TEST(Http2Site, StreamsThatWaitAreBounded) {
  http2_site site(clock_of_tests());
  browser client(0);
  for (std::uint32_t number = 0; number < http2_site_streams + 1; ++number) {
    client.ask(request("GET", "/"), 2 * number + 1);
  }
  const auto said = summary_of(client, client.talk(site));
  EXPECT_EQ(said.size(), http2_site_streams + 1);
  EXPECT_EQ(said.back(), "257 reset 7");
  EXPECT_FALSE(site.is_over());
}

TEST(Http2Site, RapidResetsEndWithTheRequestsOfOneConnection) {
  http2_site site(clock_of_tests());
  browser client;
  for (std::uint32_t number = 0; number < 5000; ++number) {
    client.ask(request("GET", "/"), 2 * number + 1);
    net::append_reset(client.sent(), 2 * number + 1, net::http2_code::cancel);
  }
  client.talk(site);
  EXPECT_TRUE(site.is_over());
  EXPECT_EQ(site.requests(), http2_site_requests);
  EXPECT_LT(client.largest_output(), 80'000U);
}

lines lines_after_flood(const net::http2_frame_head& head, std::size_t size, std::size_t times) {
  http2_site site(clock_of_tests());
  browser client;
  const base::byte_vector payload(size);
  for (std::size_t count = 0; count < times; ++count) {
    client.send(head, payload);
  }
  const auto said = summary_of(client, client.talk(site));
  EXPECT_TRUE(site.is_over());
  EXPECT_LT(client.largest_output(), 80'000U);
  return said;
}

TEST(Http2Site, FloodsOfFramesEndTheConnection) {
  EXPECT_EQ(lines_after_flood({.type = http2_type::ping}, 8, 600'000), (lines{"goaway 0"}));
  EXPECT_EQ(lines_after_flood({.type = http2_type::settings}, 0, 1'000'000), (lines{"goaway 0"}));
  EXPECT_EQ(lines_after_flood({.type = http2_type::data, .stream = 1}, 0, 1'000'000),
            (lines{"goaway 0"}));
  EXPECT_EQ(lines_after_flood({.type = http2_type::priority, .stream = 1}, 5, 200),
            (lines{"goaway 11"}));
}

TEST(Http2Site, HeaderBlocksThatNeverEndOrGrowTooLargeEndTheConnection) {
  http2_site endless(clock_of_tests());
  browser patient;
  patient.send({.type = http2_type::headers, .stream = 1});
  for (int count = 0; count < 1000; ++count) {
    patient.send({.type = http2_type::continuation, .stream = 1});
  }
  EXPECT_EQ(summary_of(patient, patient.talk(endless)), (lines{"goaway 11"}));
  http2_site large(clock_of_tests());
  browser greedy;
  auto fields = request("GET", "/");
  for (int count = 0; count < 10; ++count) {
    fields.add("x-field-" + std::to_string(count), std::string(9000, '~'));
  }
  greedy.ask(fields, 1);
  EXPECT_EQ(summary_of(greedy, greedy.talk(large)), (lines{"goaway 11"}));
  EXPECT_EQ(large.requests(), 0U);
}

TEST(Http2Site, ThousandsOfStreamsAreAnsweredOneConnectionAtATime) {
  http2_site site(clock_of_tests());
  browser client;
  net::append_window_update(client.sent(), 0, 100'000'000);
  for (std::uint32_t number = 0; number < 5000; ++number) {
    client.ask(request("HEAD", "/"), 2 * number + 1);
  }
  client.talk(site);
  EXPECT_TRUE(site.is_over());
  EXPECT_EQ(site.requests(), http2_site_requests);
  EXPECT_LT(client.largest_output(), 80'000U);
}

}
}
