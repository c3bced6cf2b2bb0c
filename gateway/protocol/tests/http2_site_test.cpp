#include "httvps/gateway/protocol/http2_site.hpp"

#include <gtest/gtest.h>

#include "http2_browser.hpp"
#include "httvps/gateway/protocol/builtin_site.hpp"

namespace httvps::gateway::testing {
namespace {

TEST(Http2Site, OpensAsNginxDoes) {
  http2_site site(clock_of_tests());
  const base::byte_vector wanted = {0,   0, 18, 4, 0, 0, 0, 0, 0,    0,    3,   0,   0,   0,
                                    128, 0, 4,  0, 1, 0, 0, 0, 5,    0,    255, 255, 255, 0,
                                    0,   4, 8,  0, 0, 0, 0, 0, 0x7f, 0xff, 0,   0};
  EXPECT_EQ(site.take_output(), wanted);
}

TEST(Http2Site, ServesTheFieldsAndBodyOfHttp1) {
  http2_site site(clock_of_tests());
  browser client;
  client.ask(request("GET", "/"), 1);
  const auto frames = of_streams(client.talk(site));
  ASSERT_EQ(frames.size(), 2U);
  const auto fields = client.fields_of(frames[0]);
  const auto plain = answer_from_site({.method = "GET"}, clock_of_tests().system_now());
  EXPECT_EQ(fields->find(":status"), "200");
  EXPECT_EQ(fields->size(), plain.headers.size() + 1);
  for (const auto& field : plain.headers) {
    EXPECT_EQ(fields->find(field.name), field.value);
  }
  EXPECT_EQ(base::as_text(frames[1].payload), plain.body);
  EXPECT_TRUE(frames[1].head.has(http2_flag::end_stream));
}

TEST(Http2Site, AnswersAsNginxWouldToEveryKindOfRequest) {
  EXPECT_EQ(lines_after(request("HEAD", "/")), (lines{"1 200"}));
  EXPECT_EQ(lines_after(request("GET", "/nope")), (lines{"1 404", "1 data 146"}));
  EXPECT_EQ(lines_after(request("PUT", "/")), (lines{"1 405", "1 data 150"}));
  EXPECT_EQ(lines_after(request("CONNECT", "/")), (lines{"1 405", "1 data 150"}));
  EXPECT_EQ(lines_after({{":method", "CONNECT"}, {":authority", "a"}}),
            (lines{"1 400", "1 data 150"}));
  EXPECT_EQ(lines_after(request("POST", "/"), http2_flag::end_headers),
            (lines{"1 405", "1 data 150", "1 reset 0"}));
}

TEST(Http2Site, AnExtendedConnectIsABadRequestWhateverItsPath) {
  for (const auto* path : {"/", "/assets/app-3f9a"}) {
    auto fields = request("CONNECT", path);
    fields.add(":protocol", "websocket");
    EXPECT_EQ(lines_after(fields, http2_flag::end_headers),
              (lines{"1 400", "1 data 150", "1 reset 0"}));
  }
}

TEST(Http2Site, UnknownPseudoFieldIsABadRequestAndNamesNoHost) {
  for (const auto* unknown : {":protocol", ":status", ":host"}) {
    const net::http_fields fields = {{":method", "GET"},
                                     {":scheme", "https"},
                                     {":path", "/"},
                                     {unknown, "a"},
                                     {"host", "localhost"}};
    EXPECT_EQ(lines_after(fields), (lines{"1 400", "1 data 150"})) << unknown;
  }
  const net::http_fields known = {
      {":method", "HEAD"}, {":scheme", "https"}, {":path", "/"}, {"host", "localhost"}};
  EXPECT_EQ(lines_after(known), (lines{"1 200"}));
}

TEST(Http2Site, MalformedRequestsCostTheirStreamOnly) {
  auto upper = request("GET", "/");
  upper.add("X-Upper", "1");
  auto twice = request("GET", "/");
  twice.add(":path", "/");
  EXPECT_EQ(lines_after(twice), (lines{"1 400", "1 data 150"}));
  EXPECT_EQ(lines_after(request("GET", "nowhere")), (lines{"1 400", "1 data 150"}));
}

TEST(Http2Site, ServesManyStreamsInWhateverChunks) {
  for (const std::size_t step : {1UL, 10UL, 1000UL}) {
    http2_site site(clock_of_tests());
    browser client;
    for (std::uint32_t stream = 1; stream < 41; stream += 2) {
      client.ask(request("GET", "/style.css"), stream);
    }
    const auto frames = of_streams(client.talk(site, step));
    EXPECT_EQ(frames.size(), 40U);
    EXPECT_EQ(site.requests(), 20U);
  }
}

lines lines_after_frame(const net::http2_frame_head& head, base::byte_view payload = {}) {
  http2_site site(clock_of_tests());
  browser client;
  client.send(head, payload);
  return summary_of(client, client.talk(site));
}

TEST(Http2Site, BrokenConnectionsEndWithTheCodeOfNginx) {
  const base::byte_vector four(4);
  EXPECT_EQ(lines_after_frame({.type = http2_type::push_promise, .stream = 1}, four),
            (lines{"goaway 1"}));
  EXPECT_EQ(lines_after_frame({.type = http2_type::continuation, .stream = 1}),
            (lines{"goaway 1"}));
  EXPECT_EQ(lines_after_frame({.type = http2_type::ping}, base::byte_vector(9)),
            (lines{"goaway 6"}));
  EXPECT_EQ(lines_after_frame({.type = http2_type::window_update}, four), (lines{"goaway 1"}));
  EXPECT_EQ(lines_after_frame({.type = http2_type::window_update},
                              base::byte_vector{0x7f, 0xff, 0xff, 0xff}),
            (lines{"goaway 3"}));
  EXPECT_EQ(lines_after_frame({.type = http2_type::headers, .flags = 5, .stream = 2}, four),
            (lines{"goaway 1"}));
  EXPECT_EQ(lines_after_frame({.type = http2_type::headers, .flags = 5, .stream = 1},
                              base::byte_vector(6, 0xff)),
            (lines{"goaway 9"}));
  EXPECT_EQ(lines_after_frame({.type = http2_type::rst_stream, .stream = 1}, four), lines{});
  EXPECT_EQ(lines_after_frame({.type = static_cast<http2_type>(99), .stream = 1}, four), lines{});
}

TEST(Http2Site, AnythingButThePrefaceIsAProtocolError) {
  http2_site site(clock_of_tests());
  browser client;
  client.send_raw("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(summary_of(client, client.talk(site)), (lines{"goaway 1"}));
  EXPECT_TRUE(site.is_over());
}

TEST(Http2Site, SaysGoodbyeToASilentBrowser) {
  http2_site site(clock_of_tests());
  browser client;
  client.talk(site);
  site.say_goodbye();
  EXPECT_TRUE(site.is_over());
  EXPECT_EQ(summary_of(client, client.talk(site)), (lines{"goaway 0"}));
}

TEST(Http2Site, NeverNamesItself) {
  http2_site site(clock_of_tests());
  browser client;
  client.ask(request("GET", "/"), 1);
  for (const auto& frame : client.talk(site)) {
    EXPECT_EQ(base::as_text(frame.payload).find("httvps"), std::string_view::npos);
  }
}

}
}
