#include "httvps/gateway/outline/node.hpp"

#include <gtest/gtest.h>

#include <set>

#include "httvps/gateway/outline/errc.hpp"

namespace httvps::gateway {
namespace {

constexpr base::steady_time start{std::chrono::hours(1)};

std::shared_ptr<outline_node> node_of(std::string_view uri,
                                      half_close_policy policy = half_close_policy::by_issuer) {
  auto key = shadowsocks::parse_access_key(uri).value();
  return outline_node::make({.id = "node_1", .key = std::move(key), .half_close = policy}).value();
}

TEST(OutlineNode, AddressesNeedNoLookup) {
  const auto node = node_of("ss://aes-128-gcm:x@[2001:db8::1]:443");
  EXPECT_FALSE(node->needs_lookup(start));
  ASSERT_EQ(node->addresses().size(), 1U);
  EXPECT_EQ(node->addresses().front(), (net::endpoint{.host = "2001:db8::1", .port = 443}));
}

TEST(OutlineNode, NamesAreLookedUpAgainAfterTheirLifetime) {
  const auto node = node_of("ss://aes-128-gcm:x@node.example.net:443");
  EXPECT_TRUE(node->needs_lookup(start));
  node->store_addresses({{.host = "192.0.2.1", .port = 443}}, start);
  EXPECT_FALSE(node->needs_lookup(start + std::chrono::seconds(59)));
  EXPECT_TRUE(node->needs_lookup(start + std::chrono::seconds(60)));
}

TEST(OutlineNode, FailureAsksForAnotherLookupButKeepsTheAddresses) {
  const auto node = node_of("ss://aes-128-gcm:x@node.example.net:443");
  node->store_addresses({{.host = "192.0.2.1", .port = 443}}, start);
  node->note_failed(outline_errc::node_timed_out, start);
  EXPECT_TRUE(node->needs_lookup(start));
  EXPECT_EQ(node->addresses().size(), 1U);
}

TEST(OutlineNode, PreferredAddressComesFirstAndTheOthersKeepTheirOrder) {
  const auto node = node_of("ss://aes-128-gcm:x@node.example.net:443");
  const net::endpoint one{.host = "192.0.2.1", .port = 443};
  const net::endpoint two{.host = "192.0.2.2", .port = 443};
  const net::endpoint three{.host = "192.0.2.3", .port = 443};
  node->store_addresses({one, two, three}, start);
  node->prefer(three);
  node->prefer({.host = "192.0.2.9", .port = 443});
  EXPECT_EQ(node->addresses(), (std::vector{three, one, two}));
}

TEST(OutlineNode, HealthCountsConnectsAndFailuresInARow) {
  const auto node = node_of("ss://aes-128-gcm:x@192.0.2.1:443");
  node->note_failed(outline_errc::node_refused, start);
  node->note_failed(outline_errc::node_timed_out, start);
  EXPECT_EQ(node->health().failures_in_a_row, 2U);
  EXPECT_EQ(node->health().last_failure, outline_errc::node_timed_out);
  node->note_connected(std::chrono::milliseconds(7), start);
  EXPECT_EQ(node->health().failures, 2U);
  EXPECT_EQ(node->health().failures_in_a_row, 0U);
  EXPECT_EQ(node->health().connects, 1U);
  EXPECT_EQ(node->health().last_connect, std::chrono::milliseconds(7));
}

TEST(OutlineNode, OnlyOutlineKeysPassHalfCloseOnUnlessToldOtherwise) {
  constexpr auto plain = "ss://aes-128-gcm:x@192.0.2.1:443";
  constexpr auto outline = "ss://aes-128-gcm:x@192.0.2.1:443/?outline=1";
  EXPECT_TRUE(node_of(plain)->holds_half_close());
  EXPECT_FALSE(node_of(outline)->holds_half_close());
  EXPECT_FALSE(node_of(plain, half_close_policy::pass_on)->holds_half_close());
  EXPECT_TRUE(node_of(outline, half_close_policy::hold)->holds_half_close());
}

TEST(OutlineErrors, HaveDistinctLabels) {
  std::set<std::string_view> labels;
  for (const auto& entry : outline_errors().entries()) {
    labels.insert(entry.label);
  }
  EXPECT_EQ(labels.size(), static_cast<std::size_t>(outline_errc::datagram_flows_exhausted));
}

}
}
