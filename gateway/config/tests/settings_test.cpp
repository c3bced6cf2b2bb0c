#include "httvps/gateway/config/settings.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "httvps/gateway/config/memory_limit.hpp"

namespace httvps::gateway {
namespace {

base::settings complete() {
  base::settings source(gateway_properties());
  source.override_with("gateway.tls_certificate", "/tmp/leaf.pem");
  source.override_with("gateway.tls_key", "/tmp/leaf.key");
  source.override_with("gateway.backend_url", "http://127.0.0.1:8080");
  return source;
}

bool names_problem(const settings_outcome& outcome, std::string_view name) {
  return std::ranges::any_of(outcome.problems,
                             [name](const auto& problem) { return problem.name == name; });
}

TEST(GatewaySettings, CompleteLoopbackSettingsHaveNoProblem) {
  const auto outcome = read_settings(complete());
  EXPECT_TRUE(outcome.problems.empty());
  EXPECT_GE(outcome.chosen.threads, 1U);
  EXPECT_EQ(outcome.chosen.usage_interval, std::chrono::seconds(60));
}

TEST(GatewaySettings, MissingCertificateAndBackendAreBothReported) {
  const auto outcome = read_settings(base::settings(gateway_properties()));
  EXPECT_TRUE(names_problem(outcome, "gateway.tls_certificate"));
  EXPECT_TRUE(names_problem(outcome, "gateway.backend_url"));
}

TEST(GatewaySettings, BuiltInSiteNeedsAnAcknowledgementInPublic) {
  auto source = complete();
  source.override_with("gateway.listen", "0.0.0.0:443");
  EXPECT_TRUE(names_problem(read_settings(source), "decoy.builtin_ack"));
  source.override_with("decoy.builtin_ack", "true");
  EXPECT_FALSE(names_problem(read_settings(source), "decoy.builtin_ack"));
}

TEST(GatewaySettings, MetricsStayOnLoopback) {
  auto source = complete();
  source.override_with("gateway.metrics_listen", "0.0.0.0:9100");
  EXPECT_TRUE(names_problem(read_settings(source), "gateway.metrics_listen"));
}

TEST(GatewaySettings, AeadEngineIsOneOfThreeNames) {
  auto source = complete();
  EXPECT_EQ(read_settings(source).chosen.aead_engine, shadowsocks::engine_choice::automatic);
  source.override_with("gateway.aead_engine", "ipsec-mb");
  EXPECT_EQ(read_settings(source).chosen.aead_engine, shadowsocks::engine_choice::ipsec_mb);
  source.override_with("gateway.aead_engine", "fastest");
  EXPECT_TRUE(names_problem(read_settings(source), "gateway.aead_engine"));
}

TEST(GatewaySettings, MemoryIsAQuarterOfTheLimitOrAtLeastSixteenMebibytes) {
  auto source = complete();
  const auto quarter = std::max(16 * base::mebibyte, memory_limit({}) / 4);
  EXPECT_EQ(read_settings(source).chosen.memory, quarter);
  source.override_with("gateway.memory", "16777215");
  EXPECT_TRUE(names_problem(read_settings(source), "gateway.memory"));
  source.override_with("gateway.memory", "16777216");
  EXPECT_FALSE(names_problem(read_settings(source), "gateway.memory"));
  EXPECT_EQ(read_settings(source).chosen.memory, 16 * base::mebibyte);
}

TEST(GatewaySettings, AddressListIsSplitAtCommas) {
  auto source = complete();
  source.override_with("gateway.public_addresses", "192.0.2.1:443,[2001:db8::1]:443");
  const auto outcome = read_settings(source);
  EXPECT_EQ(outcome.chosen.public_addresses,
            (std::vector<std::string>{"192.0.2.1:443", "[2001:db8::1]:443"}));
}

}
}
