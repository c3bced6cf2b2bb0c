#include <gtest/gtest.h>

#include <regex>

#include "gateway/support/gateway_world.hpp"
#include "gateway/support/raw_carrier.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {
namespace {

std::string without_date(const std::string& text) {
  return std::regex_replace(text, std::regex("\r\nDate: [^\r]*"), "");
}

struct WebSite : ::testing::Test {
  gateway_world world;

  std::string ask(const std::string& request, tls_choice choice = tls_choice::tls_1_3) const {
    secure_client browser(world.gateway.public_port(), choice);
    EXPECT_TRUE(browser.is_connected());
    browser.send(request);
    return without_date(browser.receive_response());
  }

  static std::string get(const std::string& path) {
    return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  }

  std::string knock_with(const knock_maker& knock, tls_choice choice = tls_choice::tls_1_3) const {
    secure_client browser(world.gateway.public_port(), choice);
    EXPECT_TRUE(browser.is_connected());
    tunnel_options options{.place = world.place(), .knock = knock};
    browser.send(upgrade_request(
        {.path = world.keys.path, .cookie_header = knock_cookie(browser, options)}));
    return without_date(browser.receive_response());
  }

  std::string unknown_page() const { return ask(get("/no-such-page")); }

  void expect_still_serves() {
    const tcp_origin origin(echo_until_end);
    const auto device = world.connect(world.device);
    ASSERT_TRUE(device->wait_until_open());
    const auto stream = device->open(loopback_target(origin.port()), pattern(100));
    EXPECT_TRUE(device->wait([&] { return device->view(stream).received.size() == 100; }));
  }
};

TEST_F(WebSite, ShowsItsPages) {
  const auto home = parse_response(ask(get("/")));
  EXPECT_EQ(home.status, 200);
  EXPECT_NE(home.body.find("<!doctype html>"), std::string::npos);
  EXPECT_EQ(parse_response(ask(get("/style.css"))).status, 200);
  EXPECT_EQ(parse_response(ask(get("/prices.html?x=1"))).status, 200);
}

TEST_F(WebSite, AnswersSeveralRequestsOnOneConnection) {
  secure_client browser(world.gateway.public_port());
  browser.send(get("/") + get("/style.css") + get("/nothing"));
  EXPECT_EQ(parse_response(browser.receive_response()).status, 200);
  EXPECT_EQ(parse_response(browser.receive_response()).status, 200);
  EXPECT_EQ(parse_response(browser.receive_response()).status, 404);
}

TEST_F(WebSite, SecretPathWithoutCookieIsAnyUnknownPage) {
  EXPECT_EQ(ask(get(world.keys.path)), unknown_page());
  EXPECT_EQ(ask(upgrade_request({.path = world.keys.path})), unknown_page());
}

TEST_F(WebSite, ForgedTokenIsAnyUnknownPage) {
  const auto forged = world.keys.forged_token_for(world.device);
  EXPECT_EQ(knock_with(access_knock(forged, world.device)), unknown_page());
}

TEST_F(WebSite, TokenOfAnotherDeploymentIsAnyUnknownPage) {
  const deployment others;
  EXPECT_EQ(knock_with(access_knock(others.token_for(world.device), world.device)), unknown_page());
}

TEST_F(WebSite, TokenForAnotherGatewayIsAnyUnknownPage) {
  const auto token = world.keys.token_for(world.device, {.gateways = {"gw_other"}});
  EXPECT_EQ(knock_with(access_knock(token, world.device)), unknown_page());
}

TEST_F(WebSite, TokenExpiredForLongerThanItMayRenewIsAnyUnknownPage) {
  const auto token =
      world.keys.token_for(world.device, {.expired_for = std::chrono::hours(24 * 30 + 1)});
  EXPECT_EQ(knock_with(access_knock(token, world.device)), unknown_page());
}

TEST_F(WebSite, ExpiredTicketIsAnyUnknownPage) {
  const auto ticket = world.keys.ticket(-std::chrono::seconds(5));
  EXPECT_EQ(knock_with(ticket_knock(ticket, make_device("dev_new"))), unknown_page());
}

TEST_F(WebSite, ProofByAnotherKeyIsAnyUnknownPage) {
  const auto token = world.keys.token_for(world.device);
  EXPECT_EQ(knock_with(access_knock(token, make_device("dev_first"))), unknown_page());
}

TEST_F(WebSite, KnockReplayedOnAnotherConnectionIsAnyUnknownPage) {
  const auto options = world.as_device(world.device);
  secure_client first(world.gateway.public_port());
  const auto cookie = knock_cookie(first, options);
  const auto request = upgrade_request({.path = world.keys.path, .cookie_header = cookie});
  first.send(request);
  EXPECT_EQ(parse_response(first.receive_response()).status, 101);
  EXPECT_EQ(ask(request), unknown_page());
}

TEST_F(WebSite, KnockOverTlsOneTwoIsAnyUnknownPage) {
  const auto token = world.keys.token_for(world.device);
  EXPECT_EQ(knock_with(access_knock(token, world.device), tls_choice::tls_1_2), unknown_page());
}

TEST_F(WebSite, GoodKnockWithoutAWellFormedUpgradeIsAnyUnknownPage) {
  const auto options = world.as_device(world.device);
  const auto& path = world.keys.path;
  const std::vector<std::function<std::string(const std::string&)>> requests = {
      [&](const std::string& cookie) {
        return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nCookie: " + cookie + "\r\n\r\n";
      },
      [&](const std::string& cookie) {
        return upgrade_request({.path = path, .cookie_header = cookie, .key = "short"});
      },
      [&](const std::string& cookie) {
        return upgrade_request({.path = path, .cookie_header = cookie, .version = "12"});
      },
      [&](const std::string& cookie) {
        return upgrade_request({.path = path, .cookie_header = cookie + "; " + cookie});
      },
      [&](const std::string& cookie) {
        return upgrade_request({.path = path + "/", .cookie_header = cookie});
      }};
  for (const auto& request : requests) {
    secure_client browser(world.gateway.public_port());
    browser.send(request(knock_cookie(browser, options)));
    EXPECT_EQ(without_date(browser.receive_response()), unknown_page());
  }
}

TEST_F(WebSite, GoodKnockByPostIsAnyPostToAnUnknownPage) {
  secure_client browser(world.gateway.public_port());
  const auto cookie = knock_cookie(browser, world.as_device(world.device));
  auto request = upgrade_request({.path = world.keys.path, .cookie_header = cookie});
  request.replace(0, 3, "POST");
  browser.send(request);
  EXPECT_EQ(parse_response(browser.receive_response()).status, 404);
}

TEST_F(WebSite, OversizeHeadIsAnsweredAndClosed) {
  for (const std::string& head :
       {"GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(20'000, 'b') + "\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nCookie: " + std::string(20'000, 'c')}) {
    secure_client browser(world.gateway.public_port());
    browser.send(head);
    const auto answer = parse_response(browser.receive_until_closed());
    EXPECT_EQ(answer.status, 400);
    EXPECT_TRUE(browser.is_closed());
  }
  expect_still_serves();
}

TEST_F(WebSite, MalformedRequestsAreAnsweredAndClosed) {
  for (const std::string request :
       {"nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nbad header\r\n\r\n",
        "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "\x16\x03\x01\x02\x03\r\n\r\n"}) {
    secure_client browser(world.gateway.public_port());
    browser.send(request);
    EXPECT_EQ(parse_response(browser.receive_until_closed()).status, 400) << request;
  }
  expect_still_serves();
}

TEST_F(WebSite, RequestCutInTheMiddleIsClosedWithoutAnAnswer) {
  secure_client browser(world.gateway.public_port());
  browser.send(std::string_view("GET / HTTP/1.1\r\nHost: loc"));
  browser.abandon();
  expect_still_serves();
}

TEST_F(WebSite, SlowHeadIsCutOffAtItsLimit) {
  const gateway_world slow{{.environment = {{"GATEWAY_HEAD_TIMEOUT", "1000"}}}};
  secure_client browser(slow.gateway.public_port());
  browser.send(std::string_view("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "));
  const auto started = std::chrono::steady_clock::now();
  const auto end = started + std::chrono::seconds(8);
  while (!browser.is_closed() && std::chrono::steady_clock::now() < end) {
    browser.send(std::string_view("x"));
    static_cast<void>(browser.receive_some(std::chrono::milliseconds(50)));
  }
  EXPECT_TRUE(browser.is_closed());
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(4));
}

TEST_F(WebSite, ConnectionThatNeverShakesHandsIsCutOffAtItsLimit) {
  gateway_world slow{{.environment = {{"GATEWAY_HANDSHAKE_TIMEOUT", "1000"}}}};
  const auto silent = connect_loopback(slow.gateway.public_port());
  const auto bytes = receive_until_end(silent);
  EXPECT_TRUE(bytes.empty());
  EXPECT_TRUE(slow.gateway.wait_for_metric("httvps_gateway_tls_failures_total", 1));
  EXPECT_TRUE(slow.gateway.wait_until_zero("httvps_gateway_connections"));
}

TEST_F(WebSite, BytesThatAreNotTlsCostTheirConnectionOnly) {
  const std::vector<base::byte_vector> kinds = {pattern(3000),
                                                base::byte_vector(5000, 0),
                                                {0x16, 0x03, 0x01, 0x40, 0x00, 0x01},
                                                base::byte_vector(20'000, 0x16)};
  for (const auto& bytes : kinds) {
    const auto stranger = connect_loopback(world.gateway.public_port());
    stranger.send_all(bytes);
    stranger.shutdown_send();
    static_cast<void>(receive_until_end(stranger));
  }
  const std::string plain = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const auto browser = connect_loopback(world.gateway.public_port());
  browser.send_all(base::as_bytes(plain));
  const auto answer = receive_until_end(browser);
  EXPECT_EQ(base::as_text(answer).find("httvps"), std::string_view::npos);
  EXPECT_TRUE(world.gateway.wait_for_metric("httvps_gateway_tls_failures_total", 5));
  expect_still_serves();
}

TEST_F(WebSite, TruncatedHandshakeCostsItsConnectionOnly) {
  for (const std::size_t kept : {1U, 5U, 6U, 60U, 200U}) {
    const tcp_origin middle([&](tcp_socket& browser) {
      base::byte_array<2048> hello;
      const auto count = browser.receive(hello);
      const auto onward = connect_loopback(world.gateway.public_port());
      onward.send_all(base::byte_view(hello).first(std::min(kept, count.value_or(0))));
    });
    EXPECT_FALSE(secure_client(middle.port()).is_connected());
  }
  expect_still_serves();
}

TEST_F(WebSite, SpeaksTlsOneTwoAsAnySite) {
  EXPECT_EQ(parse_response(ask(get("/"), tls_choice::tls_1_2)).status, 200);
}

TEST_F(WebSite, ConnectionsOverTheLimitAreClosedAndCounted) {
  gateway_world small{{.environment = {{"GATEWAY_CONNECTIONS", "16"}}}};
  std::vector<tcp_socket> held;
  for (int i = 0; i < 40; ++i) {
    held.push_back(connect_loopback(small.gateway.public_port()));
  }
  EXPECT_TRUE(small.gateway.wait_for_metric("httvps_gateway_connections_refused_total", 24));
  EXPECT_LE(small.gateway.metric("httvps_gateway_connections"), 16);
  held.clear();
  EXPECT_TRUE(small.gateway.wait_until_zero("httvps_gateway_connections"));
  const auto device = small.connect(small.device);
  EXPECT_TRUE(device->wait_until_open());
}

}
}
