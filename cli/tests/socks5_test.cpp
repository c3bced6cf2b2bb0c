#include "socks/socks5.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "errc.hpp"
#include "httvps/net/error.hpp"
#include "httvps/sdk/errc.hpp"
#include "httvps/wire/errc.hpp"

namespace httvps::cli {
namespace {

using namespace std::string_view_literals;

constexpr auto greeting = "\x05\x01\x00"sv;
constexpr auto domain_request =
    "\x05\x01\x00\x03\x0b"
    "example.com\x01\xbb"sv;

struct reading {
  std::vector<socks_message> messages;
  base::error failure;
  std::string rest;
};

reading read_all(socks5_reader& reader, base::byte_view bytes) {
  reading seen;
  while (true) {
    auto message = reader.next(bytes);
    if (!message) {
      seen.failure = message.error();
      return seen;
    }
    if (!*message) {
      return seen;
    }
    const bool last = std::holds_alternative<socks_request>(**message);
    seen.messages.push_back(std::move(**message));
    if (last) {
      seen.rest = base::as_text(bytes);
      return seen;
    }
  }
}

reading read_text(std::string_view text) {
  socks5_reader reader;
  return read_all(reader, base::as_bytes(text));
}

reading read_request(std::string_view request) {
  return read_text(std::string(greeting) + std::string(request));
}

wire::target target_of(const reading& seen) {
  return seen.messages.size() == 2 ? std::get<socks_request>(seen.messages[1]).target
                                   : wire::target();
}

TEST(Socks5Reader, ReadsADomain) {
  const auto seen = read_request(domain_request);
  EXPECT_EQ(target_of(seen), wire::target(wire::domain_target{"example.com", 443}));
}

TEST(Socks5Reader, ReadsIpv4AndIpv6) {
  const auto four = read_request("\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50"sv);
  EXPECT_EQ(target_of(four), wire::target(wire::ipv4_target{{127, 0, 0, 1}, 80}));
  const auto six = read_request(
      "\x05\x01\x00\x04"
      "0123456789abcdef"
      "\x1f\x90"sv);
  const auto found = std::get<wire::ipv6_target>(target_of(six));
  EXPECT_EQ(base::as_text(found.address), "0123456789abcdef");
  EXPECT_EQ(found.port, 8080);
}

TEST(Socks5Reader, AddressWrittenAsADomainIsAnAddress) {
  EXPECT_EQ(target_of(read_request("\x05\x01\x00\x03\x09"
                                   "127.0.0.1"
                                   "\x00\x50"sv)),
            wire::target(wire::ipv4_target{{127, 0, 0, 1}, 80}));
  EXPECT_EQ(target_of(read_request("\x05\x01\x00\x03\x03"
                                   "::1"
                                   "\x00\x50"sv)),
            wire::target(wire::ipv6_target{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 80}));
}

TEST(Socks5Reader, LeavesWhatFollowsTheRequest) {
  const auto seen = read_request(std::string(domain_request) + "GET /");
  EXPECT_EQ(seen.rest, "GET /");
}

TEST(Socks5Reader, PasswordOnlyClientsAreTold) {
  const auto seen = read_text("\x05\x02\x01\x02"sv);
  ASSERT_EQ(seen.messages.size(), 1U);
  EXPECT_EQ(std::get<socks_greeting>(seen.messages[0]).offer, authentication_offer::password_only);
}

TEST(Socks5Reader, BindAndUdpAreReadAsTheyAre) {
  const auto bind = read_request("\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00"sv);
  const auto udp = read_request("\x05\x03\x00\x01\x00\x00\x00\x00\x00\x00"sv);
  EXPECT_EQ(std::get<socks_request>(bind.messages.at(1)).command, socks_command::bind);
  EXPECT_EQ(std::get<socks_request>(udp.messages.at(1)).command, socks_command::udp_associate);
}

TEST(Socks5Reader, BadInputIsNamed) {
  EXPECT_EQ(read_text("CONNECT example.com:443"sv).failure, errc::not_socks5);
  EXPECT_EQ(read_text("\x04\x01"sv).failure, errc::not_socks5);
  EXPECT_EQ(read_text("\x05\x00"sv).failure, errc::request_malformed);
  EXPECT_EQ(read_request("\x04\x01\x00\x01"sv).failure, errc::not_socks5);
  EXPECT_EQ(read_request("\x05\x01\x01\x01"sv).failure, errc::request_malformed);
  EXPECT_EQ(read_request("\x05\x09\x00\x01\x7f\x00\x00\x01\x00\x50"sv).failure,
            errc::command_unsupported);
  EXPECT_EQ(read_request("\x05\x01\x00\x02"sv).failure, errc::address_type_unsupported);
  EXPECT_EQ(read_request("\x05\x01\x00\x03\x00\x00\x50"sv).failure, errc::request_malformed);
  EXPECT_EQ(read_request("\x05\x01\x00\x03\x03"
                         "a b"
                         "\x00\x50"sv)
                .failure,
            errc::request_malformed);
  EXPECT_EQ(read_request("\x05\x01\x00\x03\x03"
                         "a\0b"
                         "\x00\x50"sv)
                .failure,
            errc::request_malformed);
  EXPECT_EQ(read_request("\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x00"sv).failure,
            errc::request_malformed);
}

TEST(Socks5Reader, EmptyNameIsRefusedWithoutWaitingForItsPort) {
  const auto seen = read_request("\x05\x01\x00\x03\x00"sv);
  EXPECT_EQ(seen.failure, errc::request_malformed);
}

TEST(Socks5Reader, ShortInputWaitsForMoreAtEachSplit) {
  const auto whole = std::string(greeting) + std::string(domain_request);
  for (std::size_t split = 0; split < whole.size(); ++split) {
    socks5_reader reader;
    const auto first = read_all(reader, base::as_bytes(whole.substr(0, split)));
    EXPECT_FALSE(first.failure);
    const auto second = read_all(reader, base::as_bytes(whole.substr(split)));
    ASSERT_EQ(first.messages.size() + second.messages.size(), 2U) << split;
    EXPECT_EQ(std::get<socks_request>(second.messages.back()).target,
              wire::target(wire::domain_target{"example.com", 443}));
  }
}

RC_GTEST_PROP(Socks5Reader, EverySplitReadsTheSame, (const base::byte_vector& noise)) {
  base::byte_vector bytes(greeting.begin(), greeting.end());
  base::append(bytes, noise);
  const auto cut = *rc::gen::inRange<std::size_t>(0, bytes.size() + 1);
  socks5_reader whole;
  const auto at_once = read_all(whole, bytes);
  socks5_reader halves;
  const auto first = read_all(halves, base::byte_view(bytes).first(cut));
  const bool finished = first.failure || first.messages.size() == 2;
  const auto second = finished ? reading{} : read_all(halves, base::byte_view(bytes).subspan(cut));
  const auto failure = first.failure ? first.failure : second.failure;
  RC_ASSERT((at_once.failure == failure));
  RC_ASSERT((at_once.messages.size() == first.messages.size() + second.messages.size()));
}

RC_GTEST_PROP(Socks5Reader, HoldsAtMostOneRequest, (const base::byte_vector& noise)) {
  socks5_reader reader;
  read_all(reader, noise);
  RC_ASSERT(reader.buffered() <= 262U);
}

TEST(Socks5Replies, HaveTheLayoutOfRfc1928) {
  EXPECT_EQ(encode_choice(authentication_offer::none_accepted), (socks_choice{5, 0}));
  EXPECT_EQ(encode_choice(authentication_offer::password_only), (socks_choice{5, 0xff}));
  EXPECT_EQ(encode_reply(socks_reply::command_not_supported),
            (socks_answer{5, 7, 0, 1, 0, 0, 0, 0, 0, 0}));
}

TEST(Socks5Replies, TellApartWhatTheApplicationCanTell) {
  EXPECT_EQ(reply_for(errc::command_unsupported), socks_reply::command_not_supported);
  EXPECT_EQ(reply_for(errc::address_type_unsupported), socks_reply::address_type_not_supported);
  EXPECT_EQ(reply_for(errc::request_malformed), socks_reply::general_failure);
  EXPECT_EQ(reply_for(sdk::errc::gateway_timed_out), socks_reply::network_unreachable);
  EXPECT_EQ(reply_for(net::errc::timed_out), socks_reply::network_unreachable);
  EXPECT_EQ(reply_for(wire::errc::quota_exceeded), socks_reply::not_allowed);
}

}
}
