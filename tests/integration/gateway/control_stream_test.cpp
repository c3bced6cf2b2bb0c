#include <gtest/gtest.h>

#include "gateway/support/gateway_world.hpp"
#include "gateway/support/secure_client.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {
namespace {

const wire::target control = wire::reserved_target{wire::control_target_name};

struct ControlStream : ::testing::Test {
  gateway_world world;

  tunnel_options with_ticket(const test_device& fresh) const {
    return {.place = world.place(), .knock = ticket_knock(world.keys.ticket(), fresh)};
  }

  tunnel_options with_expired_token(std::chrono::seconds expired_for) const {
    auto options = world.as_device(world.device);
    options.knock = access_knock(world.keys.token_for(world.device, {.expired_for = expired_for}),
                                 world.device);
    return options;
  }

  static plain_response ask(tunnel& carrier, const std::string& request) {
    const auto stream = carrier.open(control, base::as_bytes(request));
    EXPECT_TRUE(carrier.wait([&] { return carrier.view(stream).is_over(); }));
    return parse_response(std::string(base::as_text(carrier.view(stream).received)));
  }

  static std::string request(const std::string& line, const std::string& body = {},
                             const std::string& headers = {}) {
    return line + " HTTP/1.1\r\nHost: control\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
};

TEST_F(ControlStream, TicketCarrierEnrolsThroughIt) {
  tunnel carrier(with_ticket(make_device("dev_new")));
  ASSERT_TRUE(carrier.wait_until_open());
  const auto answer =
      ask(carrier, request("POST /api/v1/devices/enrol", R"({"ticket":"t"})",
                           "Content-Type: application/json\r\nX-Forwarded-For: 10.0.0.1\r\n"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"device_id":"dev_new"})");
  const auto seen = world.backend.record().device_requests;
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].body, R"({"ticket":"t"})");
  EXPECT_EQ(seen[0].headers.find("X-HTTVPS-Gateway"), "Bearer gateway-credential");
  EXPECT_FALSE(seen[0].headers.find("X-Forwarded-For"));
}

TEST_F(ControlStream, ForwardsTheProofOfTheDevice) {
  const auto carrier = world.connect(world.device);
  ASSERT_TRUE(carrier->wait_until_open());
  const auto answer = ask(*carrier, request("GET /api/v1/devices/config", "",
                                            "Authorization: HTTVPS-Device a~1~b\r\n"
                                            "X-HTTVPS-Gateway: Bearer mine\r\n"));
  EXPECT_EQ(answer.status, 200);
  const auto seen = world.backend.record().device_requests;
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].headers.find("Authorization"), "HTTVPS-Device a~1~b");
  EXPECT_EQ(seen[0].headers.find("X-HTTVPS-Gateway"), "Bearer gateway-credential");
  EXPECT_EQ(seen[0].headers.count("X-HTTVPS-Gateway"), 1U);
}

TEST_F(ControlStream, SendsACallWhoseAnswerWasLostAgainAsTheSameAttempt) {
  const auto carrier = world.connect(world.device);
  ASSERT_TRUE(carrier->wait_until_open());
  for (const auto how : {conduct::drop, conduct::fail}) {
    const auto before = world.backend.count_of(backend_call::device);
    world.backend.behave(backend_call::device, how);
    const auto stream = carrier->open(
        control,
        base::as_bytes(request("POST /api/v1/devices/token", "", "X-HTTVPS-Attempt: 0\r\n")));
    ASSERT_TRUE(
        carrier->wait([&] { return world.backend.count_of(backend_call::device) > before; }));
    world.backend.behave(backend_call::device, conduct::answer);
    ASSERT_TRUE(carrier->wait([&] { return carrier->view(stream).is_over(); }));
    const auto text = std::string(base::as_text(carrier->view(stream).received));
    EXPECT_EQ(parse_response(text).status, 200);
    const auto seen = world.backend.record().device_requests;
    ASSERT_EQ(seen.size(), before + 2);
    const auto attempt = seen[before].headers.find("X-HTTVPS-Attempt");
    ASSERT_TRUE(attempt);
    EXPECT_EQ(attempt->size(), 32U);
    EXPECT_EQ(seen[before + 1].headers.find("X-HTTVPS-Attempt"), *attempt);
  }
  const auto all = world.backend.record().device_requests;
  EXPECT_NE(all.front().headers.find("X-HTTVPS-Attempt"),
            all.back().headers.find("X-HTTVPS-Attempt"));
}

TEST_F(ControlStream, ForwardsTheCallsOfDevicesAndNothingElse) {
  const auto carrier = world.connect(world.device);
  ASSERT_TRUE(carrier->wait_until_open());
  for (const auto* line :
       {"POST /api/v1/devices/enrol", "POST /api/v1/devices/token", "GET /api/v1/devices/config",
        "GET /api/v1/me", "GET /api/v1/me/devices", "POST /api/v1/me/devices/dev_2:revoke",
        "GET /api/v1/regions", "GET /api/v1/devices/config?region=eu-1"}) {
    EXPECT_EQ(ask(*carrier, request(line)).status, 200) << line;
  }
  for (const auto* line : {"GET /api/v1/devices/enrol",
                           "DELETE /api/v1/me",
                           "POST /api/v1/gateway/join",
                           "POST /api/v1/usage/report",
                           "GET /api/v1/admin/users",
                           "GET /metrics",
                           "GET /api/v1/me?x=1",
                           "GET /api/v1/me/../admin/users",
                           "GET http://127.0.0.1/api/v1/me",
                           "GET //api/v1/me",
                           "GET /api/v1/me/devices/dev_2:revoke",
                           "POST /api/v1/me/devices/:revoke",
                           "POST /api/v1/me/devices/a/../b:revoke",
                           "POST /api/v1/me/devices/dev_2",
                           "POST /api/v1/me/devices/dev_2:revoke?x=1",
                           "POST /api/v1/regions",
                           "GET /api/v1/devices/config?region=",
                           "GET /api/v1/devices/config?region=EU",
                           "GET /api/v1/devices/config?region=eu&x=1",
                           "POST /api/v1/devices/config?region=eu"}) {
    EXPECT_EQ(ask(*carrier, request(line)).status, 404) << line;
  }
  EXPECT_EQ(world.backend.record().device_requests.size(), 8U);
  EXPECT_EQ(world.backend.count_of(backend_call::other), 0U);
  EXPECT_EQ(world.backend.count_of(backend_call::join), 1U);
}

TEST_F(ControlStream, MalformedAndOversizeRequestsAreAnsweredAndCostTheirStreamOnly) {
  const auto carrier = world.connect(world.device);
  ASSERT_TRUE(carrier->wait_until_open());
  EXPECT_EQ(ask(*carrier, "\x01\x02 nothing of the kind\r\n\r\n").status, 400);
  EXPECT_EQ(ask(*carrier, "GET /api/v1/me HTTP/1.1\r\nX: " + std::string(9000, 'a')).status, 400);
  EXPECT_EQ(ask(*carrier, request("POST /api/v1/devices/enrol", std::string(70'000, 'a'))).status,
            400);
  EXPECT_EQ(ask(*carrier, request("GET /api/v1/me")).status, 200);
}

TEST_F(ControlStream, TicketCarrierReachesNoOtherTarget) {
  const tcp_origin origin(echo_until_end);
  tunnel carrier(with_ticket(make_device("dev_new")));
  ASSERT_TRUE(carrier.wait_until_open());
  const auto stream = carrier.open(loopback_target(origin.port()), pattern(10));
  ASSERT_TRUE(carrier.wait([&] { return carrier.view(stream).is_over(); }));
  EXPECT_EQ(carrier.view(stream).reset, wire::errc::control_only);
  EXPECT_EQ(origin.accepted(), 0U);
  EXPECT_EQ(ask(carrier, request("GET /api/v1/me")).status, 200);
}

TEST_F(ControlStream, TicketCarrierSendsNoDatagrams) {
  tunnel carrier(with_ticket(make_device("dev_new")));
  ASSERT_TRUE(carrier.wait_until_open());
  EXPECT_TRUE(carrier.send_datagram(loopback_target(9), pattern(10)));
  EXPECT_EQ(ask(carrier, request("GET /api/v1/me")).status, 200);
  EXPECT_TRUE(world.gateway.wait_for_metric("httvps_gateway_datagrams_dropped_total", 1));
  EXPECT_EQ(world.gateway.metric("httvps_gateway_flows"), 0);
}

TEST_F(ControlStream, ExpiredTokenRenewsAndReachesNoOtherTarget) {
  const tcp_origin origin(echo_until_end);
  for (const std::chrono::seconds late :
       {std::chrono::minutes(5), std::chrono::minutes(29 * 24 * 60)}) {
    tunnel carrier(with_expired_token(late));
    ASSERT_TRUE(carrier.wait_until_open());
    const auto stream = carrier.open(loopback_target(origin.port()), pattern(10));
    ASSERT_TRUE(carrier.wait([&] { return carrier.view(stream).is_over(); }));
    EXPECT_EQ(carrier.view(stream).reset, wire::errc::control_only);
    EXPECT_EQ(ask(carrier, request("POST /api/v1/devices/token", "{}")).status, 200);
  }
  EXPECT_EQ(origin.accepted(), 0U);
}

TEST_F(ControlStream, ReservedNamesButControlAreForbidden) {
  const auto carrier = world.connect(world.device);
  ASSERT_TRUE(carrier->wait_until_open());
  const auto stream = carrier->open(wire::reserved_target{"admin"}, pattern(1));
  ASSERT_TRUE(carrier->wait([&] { return carrier->view(stream).is_over(); }));
  EXPECT_EQ(carrier->view(stream).reset, wire::errc::target_forbidden);
}

TEST_F(ControlStream, BackendThatIsDownIsAProblemAnswer) {
  const auto carrier = world.connect(world.device);
  ASSERT_TRUE(carrier->wait_until_open());
  world.backend.go_down();
  const auto answer = ask(*carrier, request("GET /api/v1/me"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.body.find(R"("code":"backend_unavailable")"), std::string::npos);
}

TEST_F(ControlStream, LongAnswersArriveWhole) {
  const auto long_text = R"({"text":")" + std::string(600'000, 'x') + R"("})";
  world.backend.change([&](backend_script& script) { script.device_answer = long_text; });
  const auto carrier = world.connect(world.device);
  ASSERT_TRUE(carrier->wait_until_open());
  EXPECT_TRUE(ask(*carrier, request("GET /api/v1/me")).body == long_text);
}

TEST_F(ControlStream, SeventeenthAtOnceIsRefused) {
  world.backend.change(
      [](backend_script& script) { script.delay = std::chrono::milliseconds(500); });
  const auto carrier = world.connect(world.device);
  ASSERT_TRUE(carrier->wait_until_open());
  std::vector<wire::stream_id> streams;
  for (int i = 0; i < 17; ++i) {
    streams.push_back(carrier->open(control, base::as_bytes(request("GET /api/v1/me"))));
  }
  ASSERT_TRUE(carrier->wait([&] { return carrier->view(streams.back()).is_over(); }));
  EXPECT_EQ(carrier->view(streams.back()).reset, wire::errc::stream_limit);
  ASSERT_TRUE(carrier->wait([&] { return carrier->view(streams[15]).is_over(); }));
  EXPECT_TRUE(carrier->view(streams[0]).finished);
  EXPECT_TRUE(carrier->view(streams[15]).finished);
}

}
}
