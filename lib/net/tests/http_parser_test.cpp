#include "httvps/net/http_parser.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "httvps/net/error.hpp"

namespace httvps::net {
namespace {

constexpr std::string_view get_request =
    "GET /a?b=c HTTP/1.1\r\nHost: gateway.test\r\nCookie: x=y\r\nACCEPT: */*\r\n\r\n";

base::error request_failure(std::string_view text, http_parser_options chosen = {}) {
  http_request_parser parser(std::move(chosen));
  const auto fed = parser.feed(base::as_bytes(text));
  return fed ? base::error() : fed.error();
}

TEST(HttpRequestParser, HeadKeepsMethodTargetVersionAndFieldsInOrder) {
  http_request_parser parser({.wanted = http_part::head});
  ASSERT_TRUE(parser.feed(base::as_bytes(std::string(get_request) + "rest")));
  ASSERT_TRUE(parser.is_done());
  const auto& head = parser.message();
  EXPECT_EQ(head.method, "GET");
  EXPECT_EQ(head.target, "/a?b=c");
  EXPECT_EQ(head.minor_version, 1);
  ASSERT_EQ(head.headers.size(), 3U);
  EXPECT_EQ(head.headers.begin()->name, "Host");
  EXPECT_EQ(head.headers.find("accept"), "*/*");
  EXPECT_EQ(parser.consumed(), get_request.size());
  EXPECT_EQ(base::as_text(parser.take_rest()), "rest");
}

TEST(HttpRequestParser, EverySplitGivesTheSameMessage) {
  const std::string text =
      "POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: t\r\n\r\nNEXT";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    http_request_parser parser;
    ASSERT_TRUE(parser.feed(base::as_bytes(text.substr(0, cut)))) << cut;
    ASSERT_TRUE(parser.feed(base::as_bytes(text.substr(cut)))) << cut;
    ASSERT_TRUE(parser.is_done()) << cut;
    EXPECT_EQ(parser.message().body, "hello world");
    EXPECT_EQ(parser.message().headers.size(), 2U);
    EXPECT_EQ(base::as_text(parser.take_rest()), "NEXT");
  }
}

TEST(HttpRequestParser, BodyByContentLengthEndsExactly) {
  http_request_parser parser;
  ASSERT_TRUE(
      parser.feed(base::as_bytes("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcd")));
  EXPECT_TRUE(parser.is_done());
  EXPECT_EQ(parser.message().body, "abc");
  EXPECT_EQ(base::as_text(parser.take_rest()), "d");
}

TEST(HttpRequestParser, KeepAliveFollowsVersionAndConnectionField) {
  const auto keeps = [](std::string_view text) {
    http_request_parser parser;
    EXPECT_TRUE(parser.feed(base::as_bytes(text)));
    return parser.keeps_alive();
  };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(HttpRequestParser, MalformedHeadsAreRefused) {
  for (const auto* text :
       {"GET\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "GET / HTTP/1.1\r\nNo colon\r\n\r\n",
        "G\x01T / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\n : empty\r\n\r\n", "\x16\x03\x01\x02\x00",
        "GET / HTTP/1.1\nHost: h\n\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"}) {
    EXPECT_EQ(request_failure(text), errc::http_bad_message) << text;
  }
}

TEST(HttpRequestParser, AHeadAboveTheLimitIsTooLargeBeforeItEnds) {
  const std::string start = "GET / HTTP/1.1\r\n";
  EXPECT_EQ(request_failure(start + "A: " + std::string(100, 'x'), {.head_limit = 64}),
            errc::http_head_too_large);
  EXPECT_EQ(request_failure("GET /" + std::string(17'000, 'x')), errc::http_head_too_large);
  std::string many = start;
  while (many.size() < 16 * 1024) {
    many += "Name: value\r\n";
  }
  EXPECT_EQ(request_failure(many), errc::http_head_too_large);
  EXPECT_EQ(request_failure(many + "\r\n"), errc::http_head_too_large);
}

TEST(HttpRequestParser, AHeadOfExactlyTheLimitIsAccepted) {
  std::string text = "GET / HTTP/1.1\r\nA: ";
  text += std::string(200 - text.size() - 4, 'x') + "\r\n\r\n";
  EXPECT_FALSE(request_failure(text, {.head_limit = 200}));
  EXPECT_EQ(request_failure(text, {.head_limit = 199}), errc::http_head_too_large);
}

TEST(HttpRequestParser, ABodyAboveTheLimitIsRefusedInBothFramings) {
  EXPECT_EQ(request_failure("POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n", {.body_limit = 10}),
            errc::http_body_too_large);
  const std::string chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(
      request_failure(chunked + "6\r\nabcdef\r\n6\r\nabcdef\r\n0\r\n\r\n", {.body_limit = 10}),
      errc::http_body_too_large);
  EXPECT_EQ(request_failure(chunked + "ffffffffffffffff\r\n", {.body_limit = 10}),
            errc::http_body_too_large);
}

TEST(HttpRequestParser, AnEndlessChunkLineIsRefused) {
  EXPECT_EQ(request_failure("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
                            std::string(20'000, 'x')),
            errc::http_head_too_large);
}

TEST(HttpResponseParser, InterimAnswersAreSkippedAndSwitchingIsNot) {
  http_response_parser parser;
  ASSERT_TRUE(parser.feed(
      base::as_bytes("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                     "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")));
  ASSERT_TRUE(parser.is_done());
  EXPECT_EQ(parser.message().status, 200);
  EXPECT_EQ(parser.message().headers.size(), 1U);
  EXPECT_EQ(parser.message().body, "hi");
  http_response_parser switching;
  ASSERT_TRUE(switching.feed(base::as_bytes("HTTP/1.1 101 Switching Protocols\r\n\r\nraw")));
  EXPECT_TRUE(switching.is_done());
  EXPECT_EQ(switching.message().status, 101);
  EXPECT_EQ(base::as_text(switching.take_rest()), "raw");
}

TEST(HttpResponseParser, EndlessInterimAnswersAreNotWaitedOut) {
  const auto interim = base::as_bytes("HTTP/1.1 100 Continue\r\n\r\n");
  http_response_parser parser;
  int fed = 0;
  while (!parser.is_done() && fed < 100) {
    ASSERT_TRUE(parser.feed(interim));
    ++fed;
  }
  EXPECT_LE(fed, 10);
  EXPECT_EQ(parser.message().status, 100);
}

TEST(HttpResponseParser, ABodyWithoutLengthEndsWithTheConnection) {
  http_response_parser parser;
  ASSERT_TRUE(parser.feed(base::as_bytes("HTTP/1.1 200 OK\r\n\r\nall of it")));
  EXPECT_FALSE(parser.is_done());
  EXPECT_TRUE(parser.finish());
  EXPECT_EQ(parser.message().body, "all of it");
  EXPECT_FALSE(parser.keeps_alive());
}

TEST(HttpResponseParser, AnEndInsideOfAMessageIsNamed) {
  http_response_parser nothing;
  EXPECT_EQ(nothing.finish().error(), errc::connection_closed);
  http_response_parser head;
  ASSERT_TRUE(head.feed(base::as_bytes("HTTP/1.1 200 O")));
  EXPECT_EQ(head.finish().error(), errc::http_unexpected_end);
  http_response_parser body;
  ASSERT_TRUE(body.feed(base::as_bytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc")));
  EXPECT_EQ(body.finish().error(), errc::http_unexpected_end);
}

TEST(HttpResponseParser, AnswersToHeadHaveNoBody) {
  http_response_parser parser({.request_method = "HEAD"});
  ASSERT_TRUE(parser.feed(base::as_bytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")));
  EXPECT_TRUE(parser.is_done());
  EXPECT_TRUE(parser.keeps_alive());
}

TEST(HttpMessage, SerialisedRequestsParseBack) {
  http_request request = {.method = "POST", .target = "/x", .body = "{}"};
  request.headers = {{"Host", "h"}, {"Content-Type", "application/json"}};
  http_request_parser parser;
  ASSERT_TRUE(parser.feed(base::as_bytes(serialise(request))));
  ASSERT_TRUE(parser.is_done());
  EXPECT_EQ(parser.message().body, "{}");
  EXPECT_EQ(parser.message().headers.find("content-length"), "2");
  EXPECT_EQ(parser.message().headers.find("content-type"), "application/json");
}

TEST(HttpMessage, LineBreaksCannotBeSmuggledIntoFields) {
  http_response response;
  response.headers.add("X-A", "one\r\nX-B: two");
  EXPECT_EQ(serialise(response),
            "HTTP/1.1 200 OK\r\nX-A: one  X-B: two\r\nContent-Length: 0\r\n\r\n");
}

TEST(HttpMessage, StatusesWithoutABodyHaveNoLength) {
  http_response response = {.status = 204};
  EXPECT_EQ(serialise(response), "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST(HttpMessage, TokensAreFoundInListsOfAnyCase) {
  http_fields fields = {{"Connection", "keep-alive"}, {"connection", " Upgrade ,x"}};
  EXPECT_TRUE(fields.has_token("CONNECTION", "upgrade"));
  EXPECT_TRUE(fields.has_token("connection", "x"));
  EXPECT_FALSE(fields.has_token("connection", "grade"));
}

RC_GTEST_PROP(HttpRequestParser, NoiseEndsInANamedErrorOrWaitsForMore,
              (const base::byte_vector& noise)) {
  http_request_parser parser;
  const auto fed = parser.feed(noise);
  RC_ASSERT((fed || &fed.error().category() == &net_errors()));
}

}
}
