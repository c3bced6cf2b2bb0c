#include "httvps/backend/api/trusted_proxies.hpp"

#include <gtest/gtest.h>

namespace httvps::backend::api {
namespace {

constexpr std::string_view usual = "127.0.0.1, 10.0.0.0/8, fd00:1::/32, ::1";

std::string client(std::string_view peer, std::vector<std::string> lines,
                   std::string_view trusted = usual) {
  net::http_request request{.peer_address = std::string(peer)};
  for (auto& each : lines) {
    request.headers.add("x-forwarded-for", std::move(each));
  }
  return trusted_proxies::parse(trusted).value().client_of(request);
}

TEST(TrustedProxies, HeaderOfAnUntrustedPeerIsNeverBelieved) {
  EXPECT_EQ(client("203.0.113.9", {"198.51.100.1"}), "203.0.113.9");
  EXPECT_EQ(client("203.0.113.9", {"10.0.0.1"}), "203.0.113.9");
  EXPECT_EQ(client("11.0.0.1", {"198.51.100.1"}), "11.0.0.1");
  EXPECT_EQ(client("127.0.0.1", {"198.51.100.1"}, ""), "127.0.0.1");
  EXPECT_EQ(client("", {"198.51.100.1"}), "");
  EXPECT_EQ(client("fe80::1%eth0", {"198.51.100.1"}), "fe80::1%eth0");
}

TEST(TrustedProxies, RightMostUntrustedAddressIsTheClient) {
  EXPECT_EQ(client("127.0.0.1", {"198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client("127.0.0.1", {"192.0.2.66, 198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client("127.0.0.1", {"192.0.2.66,198.51.100.1 ,10.2.3.4"}), "198.51.100.1");
  EXPECT_EQ(client("127.0.0.1", {"192.0.2.66", "198.51.100.1, 10.0.0.9"}), "198.51.100.1");
}

TEST(TrustedProxies, ClientsInsideTheTrustedNetworkAreTheFirstHop) {
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.7, 10.0.0.8"}), "10.0.0.7");
  EXPECT_EQ(client("10.0.0.1", {}), "10.0.0.1");
}

TEST(TrustedProxies, Ipv6IsReadInEveryForm) {
  EXPECT_EQ(client("::1", {"2001:db8::7"}), "2001:db8::7");
  EXPECT_EQ(client("::1", {"[2001:db8::7]:4711"}), "2001:db8::7");
  EXPECT_EQ(client("::1", {"[2001:DB8:0::7]"}), "2001:db8::7");
  EXPECT_EQ(client("fd00:1:2::9", {"2001:db8::7"}), "2001:db8::7");
  EXPECT_EQ(client("fd00:2::9", {"2001:db8::7"}), "fd00:2::9");
  EXPECT_EQ(client("::ffff:10.1.2.3", {"198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client("127.0.0.1", {"::ffff:198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client("127.0.0.1", {"198.51.100.1:4711"}), "198.51.100.1");
}

TEST(TrustedProxies, NothingLeftOfAMalformedEntryIsBelieved) {
  for (const auto* odd :
       {"unknown", "", "198.51.100.300", "[2001:db8::7", "198.51.100.1:99999", "fe80::1%eth0",
        "198.51.100.1 198.51.100.2", "_hidden", "\"198.51.100.1\"", "[2001:db8::7]x", "]["}) {
    EXPECT_EQ(client("127.0.0.1", {std::string("192.0.2.66, ") + odd}), "127.0.0.1") << odd;
    EXPECT_EQ(client("127.0.0.1", {std::string("192.0.2.66, ") + odd + ", 10.0.0.5"}), "10.0.0.5")
        << odd;
  }
}

TEST(TrustedProxies, HopsAreBounded) {
  std::string many = "192.0.2.66";
  for (int i = 0; i < 40; ++i) {
    many += ", 10.0.0.5";
  }
  EXPECT_EQ(client("127.0.0.1", {many}), "10.0.0.5");
  EXPECT_EQ(client("127.0.0.1", {std::string(15000, ',')}), "127.0.0.1");
  EXPECT_EQ(client("127.0.0.1", {std::string(15000, 'x') + ", 198.51.100.1"}), "198.51.100.1");
}

TEST(TrustedProxies, RangesAreCheckedWhereTheyAreSet) {
  EXPECT_EQ(trusted_proxies::parse("").value().size(), 0U);
  EXPECT_EQ(trusted_proxies::parse(usual).value().size(), 4U);
  for (const auto* odd :
       {"10.0.0.0/33", "10.0.0.0/0", "::/0", "fd00::/129", "10.0.0/8", "proxy", "10.0.0.0/8,", ",",
        "10.0.0.0/8 11.0.0.0/8", "10.0.0.0/-1", "fe80::1%lo", "10.0.0.0/"}) {
    EXPECT_FALSE(trusted_proxies::parse(odd)) << odd;
  }
  std::string many = "10.0.0.1";
  for (std::size_t i = 0; i < most_proxy_ranges; ++i) {
    many += ",10.0.0.1";
  }
  EXPECT_FALSE(trusted_proxies::parse(many));
}

TEST(TrustedProxies, PrefixesEndWithinAByteToo) {
  EXPECT_EQ(client("100.127.0.1", {"198.51.100.1"}, "100.64.0.0/10"), "198.51.100.1");
  EXPECT_EQ(client("100.128.0.1", {"198.51.100.1"}, "100.64.0.0/10"), "100.128.0.1");
}

}
}
