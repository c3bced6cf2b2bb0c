#include "httvps/gateway/protocol/http2_site.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "httvps/gateway/protocol/builtin_site.hpp"

namespace httvps::gateway {
namespace {

using net::http2_type;
namespace http2_flag = net::http2_flag;

struct answer_frame {
  net::http2_frame_head head;
  base::byte_vector payload;
};

class browser {
 public:
  explicit browser(std::uint32_t window = net::http2_default_window) {
    base::append(sent_, base::as_bytes(net::http2_preface));
    base::byte_vector settings;
    net::append_setting(settings, net::http2_setting::initial_window_size, window);
    net::append_frame(sent_, {.type = http2_type::settings}, settings);
  }

  void ask(const net::http_fields& fields, std::uint32_t stream,
           std::uint8_t flags = http2_flag::end_headers | http2_flag::end_stream) {
    const auto block = writer_.compress(fields);
    net::append_frame(sent_, {.type = http2_type::headers, .flags = flags, .stream = stream},
                      *block);
  }

  void send(const net::http2_frame_head& head, base::byte_view payload = {}) {
    net::append_frame(sent_, head, payload);
  }

  void send_raw(std::string_view text) {
    sent_.clear();
    base::append(sent_, base::as_bytes(text));
  }

  base::byte_vector& sent() { return sent_; }

  std::vector<answer_frame> talk(http2_site& site, std::size_t step = 100'000) {
    base::byte_vector output;
    base::byte_span left(sent_);
    while (!left.empty()) {
      auto chunk = left.first(std::min(step, left.size()));
      left = left.subspan(chunk.size());
      do {
        site.feed(chunk);
        largest_ = std::max(largest_, output_of(site, output));
      } while (!chunk.empty());
    }
    while (output_of(site, output) > 0) {
    }
    sent_.clear();
    return frames_of(output);
  }

  std::size_t largest_output() const { return largest_; }

  std::optional<net::http_fields> fields_of(const answer_frame& frame) {
    auto bytes = frame.payload;
    const auto done = reader_.take(frame.head, {.payload = bytes, .starts = true, .ends = true});
    return done ? std::optional(reader_.take_fields()) : std::nullopt;
  }

 private:
  static std::size_t output_of(http2_site& site, base::byte_vector& into) {
    const auto fresh = site.take_output();
    base::append(into, fresh);
    return fresh.size();
  }

  static std::vector<answer_frame> frames_of(base::byte_vector bytes) {
    net::http2_frame_reader reader(net::http2_default_frame);
    std::vector<answer_frame> frames;
    base::byte_span input(bytes);
    while (!input.empty()) {
      const auto piece = reader.next(input);
      frames.push_back(
          {.head = reader.head(), .payload = {(*piece)->payload.begin(), (*piece)->payload.end()}});
    }
    return frames;
  }

  base::byte_vector sent_;
  std::size_t largest_ = 0;
  net::http2_header_writer writer_{4096};
  net::http2_header_reader reader_{{}};
};

net::http_fields request(std::string method, std::string path) {
  return {{":method", std::move(method)},
          {":scheme", "https"},
          {":path", std::move(path)},
          {":authority", "localhost"}};
}

std::vector<answer_frame> of_streams(const std::vector<answer_frame>& frames) {
  std::vector<answer_frame> found;
  std::ranges::copy_if(frames, std::back_inserter(found),
                       [](const answer_frame& frame) { return frame.head.stream != 0; });
  return found;
}

std::vector<std::string> summary_of(browser& client, const std::vector<answer_frame>& frames) {
  std::vector<std::string> lines;
  for (const auto& frame : frames) {
    const auto stream = std::to_string(frame.head.stream);
    if (frame.head.type == http2_type::headers) {
      lines.push_back(stream + " " + std::string(*client.fields_of(frame)->find(":status")));
    } else if (frame.head.type == http2_type::data) {
      lines.push_back(stream + " data " + std::to_string(frame.payload.size()));
    } else if (frame.head.type == http2_type::rst_stream) {
      lines.push_back(stream + " reset " + std::to_string(frame.payload.back()));
    } else if (frame.head.type == http2_type::goaway) {
      lines.push_back("goaway " + std::to_string(frame.payload.back()));
    }
  }
  return lines;
}

const base::manual_clock& clock_of_tests() {
  static const base::manual_clock clock;
  return clock;
}

std::vector<std::string> lines_after(const net::http_fields& fields,
                                     std::uint8_t flags = http2_flag::end_headers |
                                                          http2_flag::end_stream) {
  http2_site site(clock_of_tests());
  browser client;
  client.ask(fields, 1, flags);
  const auto frames = client.talk(site);
  return summary_of(client, frames);
}

using lines = std::vector<std::string>;

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
