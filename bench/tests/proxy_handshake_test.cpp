#include "loadgen/proxy_handshake.hpp"

#include <gtest/gtest.h>

#include <string>

#include "common/error.hpp"

namespace httvps::bench {
namespace {

endpoint target() {
  return *parse_endpoint("127.0.0.1:8080");
}

std::string bytes(std::string_view text) {
  return std::string(text);
}

TEST(ProxyHandshake, IsDoneAtOnceWithoutAProxy) {
  const proxy_handshake handshake(proxy_kind::none, target());
  EXPECT_EQ(handshake.state(), handshake_state::done);
}

TEST(ProxyHandshake, SpeaksSocksByteForByte) {
  proxy_handshake handshake(proxy_kind::socks5, target());
  EXPECT_EQ(handshake.to_send(), bytes({"\x05\x01\x00", 3}));
  ASSERT_TRUE(handshake.take(bytes({"\x05\x00", 2})).has_value());
  EXPECT_EQ(handshake.to_send(), bytes({"\x05\x01\x00\x01\x7f\x00\x00\x01\x1f\x90", 10}));
  ASSERT_TRUE(handshake.take(bytes({"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00", 10})).has_value());
  EXPECT_EQ(handshake.state(), handshake_state::done);
}

TEST(ProxyHandshake, NeverAsksForBytesOfTheTunnel) {
  const std::string reply("\x05\x00\x00\x03\x04test\x00\x50", 11);
  proxy_handshake handshake(proxy_kind::socks5, target());
  ASSERT_TRUE(handshake.take(bytes({"\x05\x00", 2})).has_value());
  std::size_t read = 0;
  while (handshake.state() != handshake_state::done) {
    const auto wanted = handshake.wanted();
    ASSERT_LE(read + wanted, reply.size());
    ASSERT_TRUE(handshake.take(std::string_view(reply).substr(read, wanted)).has_value());
    read += wanted;
  }
  EXPECT_EQ(read, reply.size());
}

TEST(ProxyHandshake, NamesARefusal) {
  proxy_handshake handshake(proxy_kind::socks5, target());
  ASSERT_TRUE(handshake.take(bytes({"\x05\x00", 2})).has_value());
  const auto outcome = handshake.take(bytes({"\x05\x05\x00\x01\x00", 5}));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error(), errc::proxy_refused);
}

TEST(ProxyHandshake, AcceptsAnHttpConnectAnswer) {
  proxy_handshake handshake(proxy_kind::http_connect, target());
  EXPECT_EQ(handshake.to_send(), "CONNECT 127.0.0.1:8080 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n");
  ASSERT_TRUE(handshake.take("HTTP/1.1 200 Connection established\r\n\r\n").has_value());
  EXPECT_EQ(handshake.state(), handshake_state::done);
}

TEST(ProxyHandshake, RefusesAnHttpConnectError) {
  proxy_handshake handshake(proxy_kind::http_connect, target());
  const auto outcome = handshake.take("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error(), errc::proxy_refused);
}

}
}
