#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <thread>

#include "gateway/support/running_gateway.hpp"
#include "gateway/support/secure_client.hpp"
#include "httvps/net/tcp.hpp"

namespace httvps::testing {
namespace {

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool runs_sanitized = true;
#else
constexpr bool runs_sanitized = false;
#endif

TEST_F(RunningGateway, GivesBackWhatOnlyItsStartNeeded) {
  constexpr std::uint64_t most_kib = runs_sanitized ? 256 * 1024 : 8 * 1024;
  std::uint64_t resident = world.gateway.resident_kib();
  for (int attempt = 0; attempt < 200 && resident > most_kib; ++attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    resident = world.gateway.resident_kib();
  }
  RecordProperty("resident_kib", std::to_string(resident));
  EXPECT_LE(resident, most_kib);
  EXPECT_TRUE(world.connect(world.device)->wait_until_open());
}

TEST_F(RunningGateway, HealthReadinessAndMetricsAreOnTheirOwnPort) {
  const auto port = world.gateway.metrics_port();
  EXPECT_EQ(fetch_plain(port, "/healthz").body, "ok\n");
  EXPECT_EQ(fetch_plain(port, "/readyz").status, 200);
  const auto metrics = fetch_plain(port, "/metrics").body;
  EXPECT_NE(metrics.find("httvps_gateway_sessions 0"), std::string::npos);
  EXPECT_NE(metrics.find("httvps_gateway_carrier_congestion_control{algorithm=\"" +
                         net::carrier_congestion_control() + "\"} 1"),
            std::string::npos);
  EXPECT_EQ(fetch_plain(port, "/other").status, 404);
  EXPECT_NE(port, world.gateway.public_port());
}

TEST_F(RunningGateway, PublicPortKnowsNoHealthReadinessOrMetrics) {
  for (const std::string path : {"/healthz", "/readyz", "/metrics", "/api/v1/me"}) {
    secure_client browser(world.gateway.public_port());
    ASSERT_TRUE(browser.is_connected());
    browser.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const auto answer = parse_response(browser.receive_response());
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_EQ(answer.body.find("httvps"), std::string::npos);
  }
}

TEST_F(RunningGateway, PlainHttpOnThePublicPortIsAnsweredAsAWebServerWould) {
  const auto browser = connect_loopback(world.gateway.public_port());
  browser.send_all(base::as_bytes(std::string("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")));
  const auto bytes = receive_until_end(browser);
  const auto answer = parse_response(std::string(base::as_text(bytes)));
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.body.find("The plain HTTP request was sent to HTTPS port"), std::string::npos);
  EXPECT_EQ(base::as_text(bytes).find("httvps"), std::string_view::npos);
  EXPECT_TRUE(world.gateway.wait_for_metric("httvps_gateway_tls_failures_total", 1));
}

TEST_F(RunningGateway, HeartbeatsCarryWhatTheGatewayDoes) {
  const auto first_moment = base::real_clock().system_now();
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  const auto stream = device->open(loopback_target(origin.port()), pattern(300'000));
  ASSERT_TRUE(echoes(*device, stream, 300'000));
  const auto told = [](const backend_record& record) {
    return record.heartbeats.empty() ? boost::json::object()
                                     : boost::json::parse(record.heartbeats.back()).as_object();
  };
  const auto is_complete = [&told](const backend_record& record) {
    const auto beat = told(record);
    return !beat.empty() && beat.at("uptime_sec").to_number<std::int64_t>() > 0 &&
           beat.at("bytes_down").to_number<std::int64_t>() >= 300'000;
  };
  ASSERT_TRUE(world.backend.wait_for(is_complete));
  const auto beat = told(world.backend.record());
  EXPECT_EQ(beat.at("node_id"), "gw_test");
  EXPECT_EQ(beat.at("active_sessions"), 1);
  EXPECT_EQ(beat.at("bytes_up"), 300'000);
  EXPECT_EQ(beat.at("bytes_down"), 300'000);
  EXPECT_EQ(beat.at("last_error"), "");
  EXPECT_LE(std::chrono::seconds(beat.at("uptime_sec").to_number<std::int64_t>()),
            base::real_clock().steady_now() - begun);
  for (const auto* load : {"cpu_load", "mem_load"}) {
    EXPECT_GE(beat.at(load).to_number<double>(), 0.0) << load;
    EXPECT_LE(beat.at(load).to_number<double>(), 1.0) << load;
  }
  EXPECT_GT(beat.at("mem_load").to_number<double>(), 0.0);
  EXPECT_GE(beat.at("timestamp").as_string(), base::to_rfc3339(first_moment));
  EXPECT_LE(beat.at("timestamp").as_string(), base::to_rfc3339(base::real_clock().system_now()));
}

TEST_F(RunningGateway, LogLinesNameDeviceNodeAndOutcome) {
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  device->close();
  ASSERT_TRUE(device->wait([&] { return world.gateway.metric("httvps_gateway_sessions") == 0; }));
  world.gateway.terminate();
  ASSERT_EQ(world.gateway.wait_for_exit(exit_limit), 0);
  const auto log = world.gateway.log();
  const auto opened = line_with(log, "session_opened");
  EXPECT_NE(opened.find(R"("device_id":"dev_first")"), std::string::npos) << opened;
  EXPECT_NE(opened.find(R"("node_id":"node_)"), std::string::npos) << opened;
  const auto closed = line_with(log, "session_closed");
  EXPECT_NE(closed.find(R"("device_id":"dev_first")"), std::string::npos) << closed;
  EXPECT_NE(closed.find(R"("outcome":")"), std::string::npos) << closed;
}

TEST_F(RunningGateway, LogsNoTokenNoKeyAndNoTarget) {
  const auto token = world.keys.token_for(world.device);
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  const auto stream = device->open(loopback_target(origin.port()), pattern(10));
  ASSERT_TRUE(echoes(*device, stream, 10));
  device->close();
  ASSERT_TRUE(device->wait([&] { return world.gateway.metric("httvps_gateway_sessions") == 0; }));
  world.gateway.terminate();
  ASSERT_EQ(world.gateway.wait_for_exit(exit_limit), 0);
  const auto log = world.gateway.log() + world.gateway.standard_error();
  EXPECT_NE(log.find("session_opened"), std::string::npos);
  for (const auto& secret :
       {std::string("v4.public"), std::string("gateway-credential"), std::string("join secret"),
        std::string("ss://"), std::to_string(origin.port()), world.keys.path, world.keys.cookie}) {
    EXPECT_EQ(log.find(secret), std::string::npos) << secret;
  }
}

}
}
