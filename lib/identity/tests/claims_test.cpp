#include "httvps/identity/claims.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "deployment.hpp"
#include "httvps/identity/errc.hpp"

namespace httvps::identity {
namespace {

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return text.replace(place, from.size(), to);
}

rc::Gen<std::string> any_id() {
  return rc::gen::resize(20, rc::gen::nonEmpty(rc::gen::container<std::string>(
                                 rc::gen::elementOf(std::string("abcxyz019_-.")))));
}

rc::Gen<std::optional<std::uint64_t>> any_rate() {
  return rc::gen::oneOf(
      rc::gen::just(std::optional<std::uint64_t>()),
      rc::gen::map(rc::gen::inRange<std::uint64_t>(0, 1ULL << 53U),
                   [](std::uint64_t rate) { return std::optional<std::uint64_t>(rate); }));
}

access_claims any_access() {
  const auto issued = base::from_unix_seconds(*rc::gen::inRange<std::int64_t>(0, 4'000'000'000));
  return {.device_id = *any_id(),
          .subscription_id = *any_id(),
          .device_key = numbered_key(*rc::gen::arbitrary<std::uint64_t>()).public_part(),
          .gateways = *rc::gen::resize(
              30, rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(any_id()))),
          .region = *any_id(),
          .plan = {.session_limit = *rc::gen::inRange<std::uint32_t>(1, 10'001),
                   .up_bps = *any_rate(),
                   .down_bps = *any_rate()},
          .issued = issued,
          .expires = issued + std::chrono::seconds(*rc::gen::inRange(1, 3601))};
}

RC_GTEST_PROP(Claims, AccessClaimsComeBackAsTheyWereEncoded, ()) {
  const auto claims = any_access();
  const auto text = encode_claims(claims);
  RC_ASSERT(text.has_value());
  RC_ASSERT((decode_access_claims(*text) == claims));
}

RC_GTEST_PROP(Claims, AnyTextIsDecodedOrNamed, (std::string text)) {
  RC_ASSERT((decode_access_claims(text).error() == errc::claims_invalid));
  RC_ASSERT((decode_ticket_claims(text).error() == errc::claims_invalid));
  RC_ASSERT((decode_key_set_claims(text).error() == errc::claims_invalid));
  RC_ASSERT((decode_config_claims(text).error() == errc::claims_invalid));
}

TEST(Claims, ColonsAndQuotesInsideTextAreNoMembers) {
  const deployment site;
  const auto text = encode_claims(site.ticket()).value();
  const auto noisy = replaced(text, "{", R"({"note":"a\":b:\\","sp\"a:ce":{"x":1},)");
  EXPECT_EQ(decode_ticket_claims(noisy), site.ticket());
}

TEST(Claims, DuplicateHiddenByAnEscapeIsRefused) {
  const deployment site;
  const auto text = encode_claims(site.ticket()).value();
  EXPECT_EQ(decode_ticket_claims(replaced(text, "{", R"({"\u0075ses":9,)")).error(),
            errc::claims_invalid);
}

TEST(Claims, DuplicateInsideAnUnknownMemberIsRefused) {
  const deployment site;
  const auto text = encode_claims(site.ticket()).value();
  EXPECT_EQ(decode_ticket_claims(replaced(text, "{", R"({"new":[{"a":1,"a":2}],)")).error(),
            errc::claims_invalid);
}

TEST(Claims, DeepNestingIsRefused) {
  const deployment site;
  const auto text = encode_claims(site.ticket()).value();
  const auto nested = std::string(20, '[') + std::string(20, ']');
  EXPECT_EQ(decode_ticket_claims(replaced(text, "{", R"({"new":)" + nested + ",")).error(),
            errc::claims_invalid);
}

TEST(Claims, NumbersOutOfBoundsAreRefused) {
  const deployment site;
  const auto text = encode_claims(site.ticket()).value();
  for (const std::string_view number :
       {"0", "-1", "1.0", "1e0", "10001", "18446744073709551616", "\"1\"", "null", "true"}) {
    const auto changed = replaced(text, "\"uses\":1", "\"uses\":" + std::string(number));
    EXPECT_EQ(decode_ticket_claims(changed).error(), errc::claims_invalid) << number;
  }
}

TEST(Claims, TimesBeyondTheCalendarAreRefused) {
  const deployment site;
  const auto text = encode_claims(site.ticket()).value();
  const auto exp = "\"exp\":" + std::to_string(base::to_unix_seconds(site.ticket().expires));
  EXPECT_TRUE(decode_ticket_claims(replaced(text, exp, "\"exp\":9000000000")).has_value());
  EXPECT_EQ(decode_ticket_claims(replaced(text, exp, "\"exp\":9000000001")).error(),
            errc::claims_invalid);
}

TEST(Claims, ConfigurationRefusesEntriesThatCannotBeDialled) {
  const deployment site;
  const auto refuses = [&](auto change) {
    auto claims = site.config();
    change(claims.gateways.front());
    return encode_claims(claims).error() == errc::claims_invalid;
  };
  EXPECT_TRUE(refuses([](gateway_entry& entry) { entry.addresses = {}; }));
  EXPECT_TRUE(refuses([](gateway_entry& entry) { entry.addresses = {"192.0.2.1:0"}; }));
  EXPECT_TRUE(refuses([](gateway_entry& entry) { entry.addresses = {"192.0.2.1:65536"}; }));
  EXPECT_TRUE(refuses([](gateway_entry& entry) { entry.addresses = {":443"}; }));
  EXPECT_TRUE(refuses([](gateway_entry& entry) { entry.addresses = {"192.0.2.1:4x3"}; }));
  EXPECT_TRUE(refuses([](gateway_entry& entry) { entry.host = "a b"; }));
  EXPECT_TRUE(refuses([](gateway_entry& entry) { entry.path = "/a?b"; }));
  EXPECT_TRUE(refuses([](gateway_entry& entry) { entry.cookie = "a=b"; }));
  EXPECT_TRUE(refuses([](gateway_entry& entry) { entry.pins.resize(5); }));
}

TEST(Claims, GatewayIsAllowedByNameOrByStar) {
  const deployment site;
  auto claims = site.access();
  EXPECT_TRUE(claims.allows_gateway("gw_one"));
  EXPECT_FALSE(claims.allows_gateway("gw_on"));
  claims.gateways = {"*"};
  EXPECT_TRUE(claims.allows_gateway("gw_any"));
}

}
}
