#include "httvps/backend/schemas/formats.hpp"

#include <gtest/gtest.h>

#include <string>

namespace httvps::backend::schemas {
namespace {

TEST(Formats, HostsAreNamesOrAddresses) {
  for (const auto* host : {"example.com", "a", "127.0.0.1", "::1", "xn--p1ai.example"}) {
    EXPECT_TRUE(is_host(host)) << host;
  }
  for (const auto* host : {"", ".", "a..b", "-a.com", "a-.com", "a b", "a.", "[::1]", "a/b"}) {
    EXPECT_FALSE(is_host(host)) << host;
  }
  EXPECT_FALSE(is_host(std::string(64, 'a')));
}

TEST(Formats, SocketAddressesNeedAnAddressAndAPort) {
  for (const auto* address : {"127.0.0.1:1", "[::1]:65535", "1.2.3.4:443"}) {
    EXPECT_TRUE(is_socket_address(address)) << address;
  }
  for (const auto* address : {"", ":1", "1.2.3.4", "1.2.3.4:0", "1.2.3.4:65536", "::1:80",
                              "[1.2.3.4]:80", "example.com:80", "1.2.3.4:+1", "1.2.3.4:1x"}) {
    EXPECT_FALSE(is_socket_address(address)) << address;
  }
}

TEST(Formats, RegionsAreLowerCase) {
  EXPECT_TRUE(is_region_code("eu-west-1"));
  EXPECT_FALSE(is_region_code("EU"));
  EXPECT_FALSE(is_region_code("-eu"));
  EXPECT_FALSE(is_region_code(""));
  EXPECT_TRUE(is_country_code("SE"));
  EXPECT_FALSE(is_country_code("se"));
  EXPECT_FALSE(is_country_code("SWE"));
  EXPECT_FALSE(is_country_code("S"));
}

TEST(Formats, DaysMustExist) {
  EXPECT_TRUE(is_day("2028-02-29"));
  EXPECT_FALSE(is_day("2027-02-29"));
  EXPECT_FALSE(is_day("2027-2-9"));
  EXPECT_FALSE(is_day("2027-13-01"));
  EXPECT_TRUE(is_month("2027-12"));
  EXPECT_FALSE(is_month("2027-13"));
  EXPECT_FALSE(is_month("2027-1"));
  EXPECT_FALSE(is_month("2027-12-01"));
}

TEST(Formats, MomentsAreUtcAndExist) {
  EXPECT_EQ(parse_moment("1970-01-02T00:00:01Z"), base::from_unix_seconds(86401));
  EXPECT_EQ(parse_moment("1970-01-01T00:00:00.25Z"),
            base::from_unix_seconds(0) + std::chrono::milliseconds(250));
  for (const auto* text :
       {"", "1970-01-01T00:00:00", "1970-01-01 00:00:00Z", "1970-01-01T24:00:00Z",
        "1970-02-30T00:00:00Z", "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00+00:00",
        "1969-01-01T00:00:00Z", "9999-01-01T00:00:00Z", "1970-01-01T00-00-00Z",
        "1970-01-01T00:00:00.12x4Z"}) {
    EXPECT_FALSE(parse_moment(text)) << text;
  }
}

TEST(Formats, MailAddressesHaveOneAt) {
  EXPECT_TRUE(is_email("a@b"));
  EXPECT_FALSE(is_email("a@"));
  EXPECT_FALSE(is_email("@b"));
  EXPECT_FALSE(is_email("a@b@c"));
  EXPECT_FALSE(is_email("a b@c"));
}

TEST(Formats, BinaryFieldsHaveOneLength) {
  EXPECT_TRUE(is_base64url_of(std::string(43, 'A'), 32));
  EXPECT_FALSE(is_base64url_of(std::string(42, 'A'), 32));
  EXPECT_FALSE(is_base64url_of(std::string(42, 'A') + "B", 32));
  EXPECT_FALSE(is_base64url_of(std::string(43, '+'), 32));
}

}
}
