#include "httvps/net/endpoint.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "httvps/net/error.hpp"

namespace httvps::net {
namespace {

TEST(Endpoint, NamesAddressesAndBracketedAddressesAreRead) {
  EXPECT_EQ(parse_endpoint("127.0.0.1:80"), (endpoint{"127.0.0.1", 80}));
  EXPECT_EQ(parse_endpoint("[::1]:443"), (endpoint{"::1", 443}));
  EXPECT_EQ(parse_endpoint("gateway.test:0"), (endpoint{"gateway.test", 0}));
}

TEST(Endpoint, OtherTextIsRefused) {
  for (const auto* text :
       {"", ":", "host", "host:", ":80", "host:65536", "host:-1", "host:8o", "::1:80", "[::1]",
        "[::1]:", "[host]:80", "ho st:80", "host:80 ", "user@host:80", "a/b:80", "host:80:90"}) {
    EXPECT_EQ(parse_endpoint(text).error(), errc::address_invalid) << text;
  }
  EXPECT_EQ(parse_endpoint(std::string(254, 'a') + ":80").error(), errc::address_invalid);
}

TEST(Endpoint, TextOfAnEndpointReadsBack) {
  for (const auto* text : {"127.0.0.1:80", "[2001:db8::1]:65535", "name:1"}) {
    const auto place = parse_endpoint(text);
    ASSERT_TRUE(place) << text;
    EXPECT_EQ(to_text(*place), text);
  }
}

TEST(Endpoint, LoopbackIsRecognised) {
  EXPECT_TRUE(is_loopback("127.8.9.1"));
  EXPECT_TRUE(is_loopback("::1"));
  EXPECT_TRUE(is_loopback("localhost"));
  EXPECT_FALSE(is_loopback("10.0.0.1"));
  EXPECT_FALSE(is_loopback("example.com"));
}

RC_GTEST_PROP(Endpoint, AnyTextEndsInAnEndpointThatReadsBackOrAnError, (const std::string& text)) {
  const auto place = parse_endpoint(text);
  RC_ASSERT((!place || parse_endpoint(to_text(*place)).has_value()));
}

}
}
