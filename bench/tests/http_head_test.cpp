#include "common/http_head.hpp"

#include <gtest/gtest.h>

#include <string>

#include "common/error.hpp"

namespace httvps::bench {
namespace {

constexpr std::string_view answer =
    "HTTP/1.1 206 Partial Content\r\nServer: x\r\ncontent-length: 12\r\n\r\nbody";

TEST(HttpHead, ReadsStatusLengthAndLeavesTheBody) {
  head_reader reader;
  const auto head = reader.take(answer);
  ASSERT_TRUE(head.has_value());
  ASSERT_TRUE(head->has_value());
  EXPECT_EQ((*head)->status(), 206);
  EXPECT_EQ((*head)->content_length, 12U);
  EXPECT_EQ((*head)->size, answer.size() - 4);
  EXPECT_EQ(reader.rest(), "body");
}

TEST(HttpHead, IsTheSameForEverySplit) {
  for (std::size_t split = 1; split < answer.size() - 4; ++split) {
    head_reader reader;
    const auto none = reader.take(answer.substr(0, split));
    ASSERT_TRUE(none.has_value());
    EXPECT_FALSE(none->has_value());
    const auto head = reader.take(answer.substr(split));
    ASSERT_TRUE(head.has_value() && head->has_value());
    EXPECT_EQ((*head)->content_length, 12U);
    EXPECT_EQ(reader.rest(), "body");
  }
}

TEST(HttpHead, RefusesAHeadWithoutAnEnd) {
  head_reader reader;
  const auto outcome = reader.take(std::string(longest_head, 'a'));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error(), errc::head_too_long);
}

TEST(HttpHead, RefusesALengthThatIsNoNumber) {
  head_reader reader;
  const auto outcome = reader.take("HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n");
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error(), errc::malformed_head);
}

TEST(HttpHead, AnswersStatusZeroForARequestLine) {
  const http_head request{.start_line = "GET / HTTP/1.1"};
  EXPECT_EQ(request.status(), 0);
}

}
}
