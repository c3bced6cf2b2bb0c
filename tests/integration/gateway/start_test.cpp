#include <gtest/gtest.h>

#include <string>

#include "gateway/support/gateway_world.hpp"
#include "gateway/support/secure_client.hpp"
#include "gateway/support/unjoined_gateway.hpp"
#include "httvps/shadowsocks/engine_choice.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {
namespace {

TEST_F(UnjoinedGateway, NextKeyThatIsNoKeyEndsItWithASentence) {
  auto chosen = options();
  chosen.environment["GATEWAY_TLS_NEXT_KEY"] = "/nowhere/next.pem";
  gateway_process gateway(chosen);
  EXPECT_EQ(gateway.wait_for_exit(exit_limit), 1);
  EXPECT_NE(gateway.standard_error().find("private key cannot be read"), std::string::npos);
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

TEST_F(UnjoinedGateway, MissingCertificateEndsItWithASentence) {
  auto chosen = options();
  chosen.environment["GATEWAY_TLS_CERTIFICATE"] = "/nowhere/chain.pem";
  gateway_process gateway(chosen);
  EXPECT_EQ(gateway.wait_for_exit(exit_limit), 1);
  EXPECT_NE(gateway.standard_error().find("certificate"), std::string::npos);
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

TEST(ManyThreads, EachHasRoomForOneStrangerAtLeast) {
  const gateway_world world{
      {.environment = {{"GATEWAY_THREADS", "20"}, {"GATEWAY_SITE_CONNECTIONS", "16"}}}};
  secure_client browser(world.gateway.public_port());
  ASSERT_TRUE(browser.is_connected());
  browser.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(parse_response(browser.receive_response()).status, 200);
}

}
}
