#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "gateway/support/gateway_world.hpp"
#include "gateway/support/raw_carrier.hpp"
#include "gateway/support/secure_client.hpp"
#include "httvps/base/clock.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/net/tcp.hpp"
#include "httvps/shadowsocks/engine_choice.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {
namespace {

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool runs_sanitized = true;
#else
constexpr bool runs_sanitized = false;
#endif

constexpr auto exit_limit = std::chrono::seconds(15);

void replace_kept_key_set(const std::string& state_folder, const std::string& key_set) {
  const auto path = state_folder + "/membership.json";
  auto text = content_of(path);
  const std::string field = "\"key_set\":\"";
  const auto begin = text.find(field) + field.size();
  text.replace(begin, text.find('"', begin) - begin, key_set);
  std::ofstream(path, std::ios::trunc) << text;
}

std::string line_with(const std::string& log, const std::string& word) {
  const auto found = log.find(word);
  if (found == std::string::npos) {
    return {};
  }
  const auto begin = log.rfind('\n', found) + 1;
  return log.substr(begin, log.find('\n', found) - begin);
}

struct UnjoinedGateway : ::testing::Test {
  net::testing::test_certificate certificate{"localhost"};
  deployment keys;
  scripted_backend backend{keys};

  gateway_options options() const {
    return {.environment = {{"GATEWAY_BACKEND_URL", backend.url()},
                            {"GATEWAY_TLS_CERTIFICATE", certificate.chain_file()},
                            {"GATEWAY_TLS_KEY", certificate.key_file()},
                            {"BACKEND_GATEWAY_SECRET", "join secret"}}};
  }
};

TEST_F(UnjoinedGateway, JoinThatIsRefusedEndsItWithASentence) {
  backend.behave(backend_call::join, conduct::refuse);
  gateway_process gateway(options());
  EXPECT_EQ(gateway.wait_for_exit(exit_limit), 1);
  EXPECT_NE(gateway.standard_error().find("did not accept the join secret"), std::string::npos);
}

TEST_F(UnjoinedGateway, JoinsOnceTheBackendIsThere) {
  backend.go_down();
  gateway_process gateway(options());
  EXPECT_FALSE(gateway.wait_for_exit(std::chrono::milliseconds(300)));
  backend.come_back();
  EXPECT_TRUE(gateway.wait_until_ready());
}

TEST_F(UnjoinedGateway, JoinTellsWhereAndWhoTheGatewayIs) {
  auto chosen = options();
  chosen.environment["GATEWAY_NAME"] = "north";
  chosen.environment["GATEWAY_REGION"] = "eu";
  chosen.environment["GATEWAY_PUBLIC_HOST"] = "books.example";
  gateway_process gateway(chosen);
  ASSERT_TRUE(gateway.wait_until_ready());
  const auto body = backend.record().joins.at(0);
  const auto place = "\"127.0.0.1:" + std::to_string(gateway.public_port()) + "\"";
  for (const std::string part : {"\"name\":\"north\"", "\"region\":\"eu\"",
                                 "\"host\":\"books.example\"", "\"secret\":\"join secret\""}) {
    EXPECT_NE(body.find(part), std::string::npos) << part;
  }
  EXPECT_NE(body.find(place), std::string::npos);
  EXPECT_NE(body.find(base::to_base64url(certificate.pin())), std::string::npos);
}

TEST_F(UnjoinedGateway, EachStartTellsThePlaceAndThePinsOfThePresentAndTheNextKey) {
  const net::testing::test_certificate next("localhost");
  auto chosen = options();
  chosen.environment["GATEWAY_TLS_NEXT_KEY"] = next.public_key_file();
  gateway_process gateway(chosen);
  for (std::size_t start = 1; start <= 2; ++start) {
    ASSERT_TRUE(gateway.wait_until_ready());
    ASSERT_TRUE(backend.wait_for(
        [start](const backend_record& record) { return record.places.size() == start; }));
    const auto told = backend.record().places.back();
    const auto pins = "\"pins\":[\"" + base::to_base64url(certificate.pin()) + "\",\"" +
                      base::to_base64url(next.pin()) + "\"]";
    const auto place = "\"127.0.0.1:" + std::to_string(gateway.public_port()) + "\"";
    EXPECT_NE(told.find(pins), std::string::npos) << told;
    EXPECT_NE(told.find(place), std::string::npos) << told;
    gateway.terminate();
    ASSERT_EQ(gateway.wait_for_exit(exit_limit), 0);
    gateway.start_again();
  }
  EXPECT_EQ(backend.count_of(backend_call::join), 1U);
}

TEST_F(UnjoinedGateway, NextKeyThatIsNoKeyEndsItWithASentence) {
  auto chosen = options();
  chosen.environment["GATEWAY_TLS_NEXT_KEY"] = "/nowhere/next.pem";
  gateway_process gateway(chosen);
  EXPECT_EQ(gateway.wait_for_exit(exit_limit), 1);
  EXPECT_NE(gateway.standard_error().find("private key cannot be read"), std::string::npos);
}

TEST_F(UnjoinedGateway, StopsWhenToldWhileItStillTriesToJoin) {
  backend.go_down();
  gateway_process gateway(options());
  EXPECT_FALSE(gateway.wait_for_exit(std::chrono::milliseconds(300)));
  gateway.terminate();
  EXPECT_EQ(gateway.wait_for_exit(exit_limit), 0);
}

TEST_F(UnjoinedGateway, IsNotReadyBeforeAnAdministratorApprovesIt) {
  backend.change([](backend_script& script) { script.state = "pending"; });
  auto chosen = options();
  chosen.environment["GATEWAY_HEARTBEAT_INTERVAL"] = "100";
  gateway_process gateway(chosen);
  ASSERT_TRUE(gateway.wait_until_ready());
  const auto waiting = fetch_plain(gateway.metrics_port(), "/readyz");
  EXPECT_EQ(waiting.status, 503);
  EXPECT_EQ(waiting.body, "waits for approval\n");
  backend.change([](backend_script& script) { script.state = "approved"; });
  bool ready = false;
  for (int attempt = 0; attempt < 200 && !ready; ++attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ready = fetch_plain(gateway.metrics_port(), "/readyz").status == 200;
  }
  EXPECT_TRUE(ready);
}

TEST_F(UnjoinedGateway, WrongSettingsAreNamedWithExitCodeTwo) {
  auto chosen = options();
  chosen.environment["GATEWAY_THREADS"] = "many";
  chosen.environment["GATEWAY_METRICS_LISTEN"] = "0.0.0.0:9000";
  gateway_process gateway(chosen);
  EXPECT_EQ(gateway.wait_for_exit(exit_limit), 2);
  EXPECT_NE(gateway.standard_error().find("gateway.threads"), std::string::npos);
  EXPECT_NE(gateway.standard_error().find("gateway.metrics_listen"), std::string::npos);
}

TEST_F(UnjoinedGateway, PublicAddressNeedsTheWordForTheBuiltInSite) {
  auto chosen = options();
  chosen.environment["GATEWAY_LISTEN"] = "0.0.0.0:0";
  gateway_process gateway(chosen);
  EXPECT_EQ(gateway.wait_for_exit(exit_limit), 2);
  EXPECT_NE(gateway.standard_error().find("DECOY_BUILTIN_ACK=true"), std::string::npos);
}

TEST_F(UnjoinedGateway, AnotherAeadEngineIsNamedWithExitCodeTwo) {
  auto chosen = options();
  chosen.environment["GATEWAY_AEAD_ENGINE"] = "fastest";
  gateway_process gateway(chosen);
  EXPECT_EQ(gateway.wait_for_exit(exit_limit), 2);
  EXPECT_NE(gateway.standard_error().find("gateway.aead_engine"), std::string::npos);
}

TEST_F(UnjoinedGateway, TheFastEngineRunsOrItsAbsenceIsNamed) {
  auto chosen = options();
  chosen.environment["GATEWAY_AEAD_ENGINE"] = "ipsec-mb";
  gateway_process gateway(chosen);
  if (shadowsocks::supported_engines() == shadowsocks::engine_support::ipsec_mb_too) {
    ASSERT_TRUE(gateway.wait_until_ready());
    EXPECT_EQ(gateway.metric("httvps_gateway_aead_engine{engine=\"ipsec-mb\"}"), 1);
  } else {
    EXPECT_EQ(gateway.wait_for_exit(exit_limit), 1);
    EXPECT_NE(gateway.standard_error().find("AVX-512"), std::string::npos);
  }
}

TEST(AeadEngine, EachOneCarriesStreamsAndIsNamed) {
  for (const std::string engine : {"openssl", "auto"}) {
    const gateway_world world{{.environment = {{"GATEWAY_AEAD_ENGINE", engine}}}};
    const tcp_origin origin(echo_until_end);
    const auto device = world.connect(world.device);
    ASSERT_TRUE(device->wait_until_open());
    const auto sent = pattern(300'000);
    const auto stream = device->open(loopback_target(origin.port()), {});
    device->write(stream, sent);
    ASSERT_TRUE(device->wait([&] { return device->view(stream).received.size() >= 300'000; }));
    EXPECT_EQ(device->view(stream).received, sent);
    const auto runs = engine == "auto" ? shadowsocks::make_engine({})->name : engine;
    const auto line = line_with(world.gateway.log(), "aead_engine");
    EXPECT_NE(line.find("\"engine\":\"" + std::string(runs) + "\""), std::string::npos) << line;
  }
}

TEST_F(UnjoinedGateway, CheckOfACompleteGatewaySaysSoAndEndsWithZero) {
  auto chosen = options();
  chosen.arguments = {"--check"};
  gateway_process gateway(chosen);
  EXPECT_EQ(gateway.wait_for_exit(exit_limit), 0);
  const auto said = gateway.standard_output();
  for (const std::string line :
       {"ok      settings: are complete.",
        "ok      certificate: ", "ok      state folder: ", "ok      membership: ",
        "ok      backend: ", " AEAD engine: ", " BBR: ", " net.ipv4.tcp_rmem: "}) {
    EXPECT_NE(said.find(line), std::string::npos) << line << said;
  }
  EXPECT_EQ(said.find("missing"), std::string::npos) << said;
  EXPECT_EQ(backend.count_of(backend_call::join), 0U);
}

TEST_F(UnjoinedGateway, CheckNamesWhatIsMissingAndEndsWithOne) {
  auto chosen = options();
  chosen.arguments = {"--check"};
  chosen.environment["GATEWAY_TLS_KEY"] = "/nowhere/key.pem";
  chosen.environment["BACKEND_GATEWAY_SECRET"] = "";
  backend.go_down();
  gateway_process gateway(chosen);
  EXPECT_EQ(gateway.wait_for_exit(exit_limit), 1);
  const auto said = gateway.standard_output();
  EXPECT_NE(said.find("missing certificate: "), std::string::npos) << said;
  EXPECT_NE(said.find("/nowhere/key.pem"), std::string::npos) << said;
  EXPECT_NE(said.find("missing membership: "), std::string::npos) << said;
  EXPECT_NE(said.find("advice  backend: "), std::string::npos) << said;
}

TEST_F(UnjoinedGateway, CheckNamesWrongSettingsAndEndsWithOne) {
  auto chosen = options();
  chosen.arguments = {"--check"};
  chosen.environment["GATEWAY_THREADS"] = "many";
  gateway_process gateway(chosen);
  EXPECT_EQ(gateway.wait_for_exit(exit_limit), 1);
  EXPECT_NE(gateway.standard_output().find("missing gateway.threads: "), std::string::npos);
}

TEST_F(UnjoinedGateway, MissingCertificateEndsItWithASentence) {
  auto chosen = options();
  chosen.environment["GATEWAY_TLS_CERTIFICATE"] = "/nowhere/chain.pem";
  gateway_process gateway(chosen);
  EXPECT_EQ(gateway.wait_for_exit(exit_limit), 1);
  EXPECT_NE(gateway.standard_error().find("certificate"), std::string::npos);
}

TEST_F(UnjoinedGateway, KeySetOfAnotherRootIsNotBelieved) {
  const deployment others;
  backend.with_keys([&others](deployment& own) { own.served_key_set = others.key_set(); });
  gateway_process gateway(options());
  EXPECT_EQ(gateway.wait_for_exit(exit_limit), 1);
  EXPECT_NE(gateway.standard_error().find("names a key that is not in the key set"),
            std::string::npos);
}

struct RunningGateway : ::testing::Test {
  base::steady_time begun = base::real_clock().steady_now();
  gateway_world world;
  tcp_origin origin{echo_until_end};

  bool echoes(tunnel& device, wire::stream_id stream, std::size_t least) const {
    return device.wait([&] { return device.view(stream).received.size() >= least; });
  }
};

TEST_F(RunningGateway, LearnsARotatedKeySet) {
  const auto old_signer_token = world.keys.token_for(world.device);
  world.backend.with_keys([](deployment& keys) { keys.rotate(); });
  const auto fresh_token = world.keys.token_for(world.device);
  ASSERT_TRUE(world.backend.wait_for([](const backend_record& record) {
    const auto found = record.counts.find(backend_call::config);
    return found != record.counts.end() && found->second > 0;
  }));
  for (const auto& token : {old_signer_token, fresh_token}) {
    auto options = world.as_device(world.device);
    options.knock = access_knock(token, world.device);
    bool open = false;
    for (int attempt = 0; attempt < 200 && !open; ++attempt) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      tunnel device(options);
      open = device.wait_until_open();
    }
    EXPECT_TRUE(open);
  }
}

TEST_F(RunningGateway, DoesNotGoBackToAnOlderKeySet) {
  const auto old_set = world.keys.key_set();
  world.backend.with_keys([](deployment& keys) { keys.rotate(); });
  auto options = world.as_device(world.device);
  const auto is_open = [&options] {
    options.id = base::secure_random().take<16>();
    return tunnel(options).wait_until_open();
  };
  bool open = false;
  for (int attempt = 0; attempt < 200 && !open; ++attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    open = is_open();
  }
  ASSERT_TRUE(open);
  world.backend.with_keys([&old_set](deployment& keys) {
    keys.served_key_set = old_set;
    keys.rotate();
  });
  const auto before = world.backend.count_of(backend_call::config);
  ASSERT_TRUE(world.backend.wait_for([before](const backend_record& record) {
    return record.counts.at(backend_call::config) > before + 1;
  }));
  EXPECT_TRUE(is_open());
  EXPECT_TRUE(world.gateway.wait_for_log("key_set_rollback"));
}

TEST_F(RunningGateway, ObeysTheDrainAndRevocationsOfAnAnswerWhoseKeySetItRefuses) {
  const auto revoked = world.connect(world.device);
  const auto other = world.connect(make_device("dev_other"));
  ASSERT_TRUE(revoked->wait_until_open());
  ASSERT_TRUE(other->wait_until_open());
  const deployment strangers;
  world.backend.with_keys(
      [&strangers](deployment& keys) { keys.served_key_set = strangers.key_set(); });
  world.backend.change([](backend_script& plan) {
    plan.revocation_version = 1;
    plan.revoked_devices = {"dev_first"};
    plan.draining = true;
  });
  ASSERT_TRUE(revoked->wait([&] { return !revoked->notices().empty(); }));
  EXPECT_EQ(revoked->notices().front().code, wire::errc::device_revoked);
  ASSERT_TRUE(other->wait([&] { return other->farewell().has_value(); }));
  EXPECT_EQ(other->farewell()->code, wire::errc::gateway_draining);
  EXPECT_TRUE(world.gateway.wait_for_log("config_not_refreshed"));
}

TEST_F(RunningGateway, KeepsItsMembershipOverARestartWithoutBackend) {
  world.gateway.terminate();
  ASSERT_EQ(world.gateway.wait_for_exit(exit_limit), 0);
  world.backend.go_down();
  world.gateway.start_again();
  ASSERT_TRUE(world.gateway.wait_until_ready());
  EXPECT_EQ(world.backend.count_of(backend_call::join), 1U);
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait([&] { return device->is_over() || device->is_open(); }));
  ASSERT_TRUE(device->refused());
  EXPECT_EQ(device->refused()->code, wire::errc::backend_unavailable);
}

TEST_F(RunningGateway, RefreshesAKeptKeySetThatIsTooOld) {
  world.gateway.terminate();
  ASSERT_EQ(world.gateway.wait_for_exit(exit_limit), 0);
  replace_kept_key_set(world.gateway.state_folder(), world.keys.key_set(std::chrono::hours(-1)));
  world.gateway.start_again();
  ASSERT_TRUE(world.gateway.wait_until_ready());
  EXPECT_TRUE(world.gateway.wait_for_log("membership_outdated"));
  EXPECT_EQ(world.backend.count_of(backend_call::join), 1U);
  EXPECT_TRUE(world.connect(world.device)->wait_until_open());
}

TEST_F(RunningGateway, StateIsReadableByItsOwnerOnly) {
  namespace files = std::filesystem;
  for (const auto& entry : files::directory_iterator(world.gateway.state_folder())) {
    const auto others = files::perms::group_all | files::perms::others_all;
    EXPECT_EQ(entry.status().permissions() & others, files::perms::none) << entry.path();
  }
  EXPECT_EQ(files::status(world.gateway.state_folder()).permissions(), files::perms::owner_all);
}

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

TEST_F(RunningGateway, StopsAtOnceWhenNothingIsOpen) {
  world.gateway.terminate();
  EXPECT_EQ(world.gateway.wait_for_exit(std::chrono::milliseconds(2500)), 0);
}

TEST_F(RunningGateway, LetsARunningStreamFinishWhenItStops) {
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  const auto stream = device->open(loopback_target(origin.port()), pattern(10));
  ASSERT_TRUE(echoes(*device, stream, 10));
  world.gateway.terminate();
  ASSERT_TRUE(device->wait([&] { return device->farewell().has_value(); }));
  EXPECT_EQ(device->farewell()->code, wire::errc::gateway_draining);
  device->write(stream, pattern(1'000'000));
  EXPECT_TRUE(echoes(*device, stream, 1'000'010));
  EXPECT_TRUE(world.gateway.is_running());
  device->close();
  EXPECT_EQ(world.gateway.wait_for_exit(std::chrono::milliseconds(2500)), 0);
  EXPECT_TRUE(world.backend.wait_for([](const backend_record& record) {
    return !record.usage.empty() && record.usage.back().lines.at(0).up == 1'000'010;
  }));
}

TEST_F(RunningGateway, EndsStreamsThatOutlastTheDrainTime) {
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  const auto stream = device->open(loopback_target(origin.port()), pattern(10));
  ASSERT_TRUE(echoes(*device, stream, 10));
  world.gateway.terminate();
  EXPECT_TRUE(device->wait_until_over());
  EXPECT_EQ(world.gateway.wait_for_exit(exit_limit), 0);
  EXPECT_TRUE(device->view(stream).is_over());
}

TEST_F(RunningGateway, TakesNoNewSessionWhileItDrains) {
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  const auto stream = device->open(loopback_target(origin.port()), pattern(10));
  ASSERT_TRUE(echoes(*device, stream, 10));
  world.gateway.terminate();
  ASSERT_TRUE(device->wait([&] { return device->farewell().has_value(); }));
  EXPECT_FALSE(world.connect(make_device("dev_second"))->wait_until_open());
  EXPECT_EQ(fetch_plain(world.gateway.metrics_port(), "/readyz").status, 503);
}

TEST_F(RunningGateway, RefusesACarrierThatGreetsWhileItDrains) {
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  const auto stream = device->open(loopback_target(origin.port()), pattern(10));
  ASSERT_TRUE(echoes(*device, stream, 10));
  raw_carrier late(world.as_device(make_device("dev_late")));
  ASSERT_TRUE(late.is_upgraded());
  world.gateway.terminate();
  ASSERT_TRUE(device->wait([&] { return device->farewell().has_value(); }));
  ASSERT_TRUE(late.send_message(encode_hello({})));
  const auto end = late.read_until_end();
  ASSERT_TRUE(end.refusal);
  EXPECT_EQ(end.refusal->code, wire::to_wire(wire::errc::gateway_draining));
}

TEST_F(RunningGateway, ReportsTheLastUsageAfterLostAnswers) {
  world.backend.behave(backend_call::usage, conduct::drop);
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  const auto stream = device->open(loopback_target(origin.port()), pattern(10));
  ASSERT_TRUE(echoes(*device, stream, 10));
  ASSERT_TRUE(
      world.backend.wait_for([](const backend_record& record) { return !record.usage.empty(); }));
  device->write(stream, pattern(500));
  ASSERT_TRUE(echoes(*device, stream, 510));
  device->close();
  world.gateway.terminate();
  world.backend.behave(backend_call::usage, conduct::answer);
  EXPECT_EQ(world.gateway.wait_for_exit(exit_limit), 0);
  const auto record = world.backend.record();
  EXPECT_TRUE(record.usage.back().answered);
  EXPECT_EQ(record.usage.back().lines.at(0).up, 510U);
  std::map<std::uint64_t, std::string> bodies;
  for (const auto& each : record.usage) {
    const auto [known, fresh] = bodies.try_emplace(each.sequence, each.body);
    EXPECT_EQ(known->second, each.body);
  }
  EXPECT_EQ(bodies.size(), 2U);
}

TEST_F(RunningGateway, StopsInTimeWhenTheBackendIsGone) {
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait_until_open());
  const auto stream = device->open(loopback_target(origin.port()), pattern(10));
  ASSERT_TRUE(echoes(*device, stream, 10));
  world.backend.go_down();
  device->close();
  world.gateway.terminate();
  EXPECT_EQ(world.gateway.wait_for_exit(exit_limit), 0);
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

TEST(ManyThreads, EachHasRoomForOneStrangerAtLeast) {
  const gateway_world world{
      {.environment = {{"GATEWAY_THREADS", "20"}, {"GATEWAY_SITE_CONNECTIONS", "16"}}}};
  secure_client browser(world.gateway.public_port());
  ASSERT_TRUE(browser.is_connected());
  browser.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(parse_response(browser.receive_response()).status, 200);
}

TEST(DrainOnSeveralThreads, TakesTheDrainTimeOnceAndNotOnceAThread) {
  gateway_world world{{.environment = {{"GATEWAY_THREADS", "4"}, {"GATEWAY_DRAIN", "1500"}}}};
  const tcp_origin origin(echo_until_end);
  std::vector<std::unique_ptr<tunnel>> devices;
  for (int i = 0; i < 16; ++i) {
    devices.push_back(world.connect(make_device("dev_" + std::to_string(i))));
    auto& device = *devices.back();
    ASSERT_TRUE(device.wait_until_open());
    const auto stream = device.open(loopback_target(origin.port()), pattern(10));
    ASSERT_TRUE(device.wait([&] { return device.view(stream).received.size() == 10; }));
  }
  world.gateway.terminate();
  for (const auto& device : devices) {
    EXPECT_TRUE(device->wait([&] { return device->farewell().has_value(); },
                             std::chrono::milliseconds(1200)));
  }
  EXPECT_EQ(world.gateway.wait_for_exit(std::chrono::milliseconds(4500)), 0);
}

}
}
