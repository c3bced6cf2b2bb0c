#include "socks/socks5_datagram.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "errc.hpp"

namespace httvps::cli {
namespace {

using namespace std::string_view_literals;

base::result<socks_datagram> decode(std::string_view bytes) {
  return decode_datagram(base::as_bytes(bytes));
}

TEST(Socks5Datagram, EachAddressTypeIsRead) {
  const auto four = decode("\0\0\0\x01\xc0\x00\x02\x35\x00\x35query"sv).value();
  EXPECT_EQ(four.target, wire::target(wire::ipv4_target{.address = {192, 0, 2, 53}, .port = 53}));
  EXPECT_EQ(base::as_text(four.payload), "query");
  const auto six = decode("\0\0\0\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x35\x01\xbb"sv).value();
  const wire::ipv6_target expected{
      .address = {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x35}, .port = 443};
  EXPECT_EQ(six.target, wire::target(expected));
  EXPECT_TRUE(six.payload.empty());
  const auto name = decode(
                        "\0\0\0\x03\x07"
                        "example\x00\x35q"sv)
                        .value();
  EXPECT_EQ(name.target, wire::target(wire::domain_target{.name = "example", .port = 53}));
}

TEST(Socks5Datagram, NamesThatAreAddressesBecomeAddresses) {
  const auto read = decode(
                        "\0\0\0\x03\x09"
                        "127.0.0.1\x00\x35"sv)
                        .value();
  EXPECT_EQ(read.target, wire::target(wire::ipv4_target{.address = {127, 0, 0, 1}, .port = 53}));
}

TEST(Socks5Datagram, FragmentsAreRefused) {
  EXPECT_EQ(decode("\0\0\x01\x01\xc0\x00\x02\x35\x00\x35query"sv).error(),
            errc::fragment_unsupported);
}

TEST(Socks5Datagram, EachFaultIsNamed) {
  for (const auto bytes : {""sv, "\0\0"sv, "\0\0\0"sv, "\0\x01\0\x01\xc0\x00\x02\x35\x00\x35"sv,
                           "\0\0\0\x01\xc0\x00\x02\x35\x00"sv, "\0\0\0\x01\xc0\x00\x02\x35\0\0"sv,
                           "\0\0\0\x03"sv, "\0\0\0\x03\0\0\x35"sv, "\0\0\0\x03\x05name\0\x35"sv,
                           "\0\0\0\x03\x02 n\0\x35"sv, "\0\0\0\x04\x20\x01"sv}) {
    EXPECT_EQ(decode(bytes).error(), errc::request_malformed);
  }
  EXPECT_EQ(decode("\0\0\0\x02\xc0\x00\x02\x35\x00\x35"sv).error(), errc::address_type_unsupported);
}

TEST(Socks5Datagram, OutputThatIsTooSmallIsRefused) {
  const socks_datagram datagram{.target = wire::ipv4_target{.address = {1, 2, 3, 4}, .port = 5},
                                .payload = base::as_bytes("four")};
  base::byte_array<14> space;
  EXPECT_TRUE(encode_datagram(datagram, space));
  for (std::size_t size = 0; size < space.size(); ++size) {
    EXPECT_EQ(encode_datagram(datagram, base::byte_span(space).first(size)).error(),
              base::errc::limit_reached);
  }
}

TEST(Socks5Datagram, TargetsWithoutASocksFormAreRefused) {
  base::byte_array<512> space;
  for (const wire::target& target :
       {wire::target(wire::reserved_target{"control"}), wire::target(wire::domain_target{"", 1}),
        wire::target(wire::domain_target{std::string(256, 'n'), 1})}) {
    EXPECT_EQ(encode_datagram({.target = target, .payload = {}}, space).error(),
              errc::address_type_unsupported);
  }
}

RC_GTEST_PROP(Socks5Datagram, DecodingInvertsEncoding, (base::byte_vector payload)) {
  const auto port = *rc::gen::inRange<std::uint16_t>(1, 65535);
  const auto name = *rc::gen::container<std::string>(*rc::gen::inRange<std::size_t>(1, 256),
                                                     rc::gen::inRange('g', 'z'));
  const auto target =
      *rc::gen::element(wire::target(wire::domain_target{.name = name, .port = port}),
                        wire::target(wire::ipv4_target{.address = {10, 0, 0, 1}, .port = port}),
                        wire::target(wire::ipv6_target{.address = {0x20, 1}, .port = port}));
  base::byte_vector space(socks_datagram_head_most + payload.size());
  const auto bytes = encode_datagram({.target = target, .payload = payload}, space).value();
  const auto back = decode_datagram(bytes).value();
  RC_ASSERT(back.target == target);
  RC_ASSERT(std::ranges::equal(back.payload, payload));
}

}
}
