#include "httvps/identity/knock.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "deployment.hpp"
#include "httvps/identity/errc.hpp"

namespace httvps::identity {
namespace {

access_knock parsed_access(const std::string& cookie) {
  return std::get<access_knock>(parse_knock(cookie).value());
}

ticket_knock parsed_ticket(const std::string& cookie) {
  return std::get<ticket_knock>(parse_knock(cookie).value());
}

TEST(Knock, DeviceIsRecognisedOnItsOwnConnection) {
  const deployment site;
  const auto binding = binding_to("gw_two");
  const auto cookie = build_access_knock(site.access_token(), site.device, binding).value();
  const auto access = verify_knock(parsed_access(cookie), binding, site.check());
  ASSERT_TRUE(access.has_value());
  EXPECT_EQ(access->claims.device_id, site.access().device_id);
}

TEST(Knock, TicketCarriesTheKeyOfTheNewDevice) {
  const deployment site;
  const auto binding = binding_to("gw_one");
  const auto cookie = build_ticket_knock(site.ticket_token(), site.stranger, binding).value();
  const auto admitted = verify_knock(parsed_ticket(cookie), binding, site.check());
  ASSERT_TRUE(admitted.has_value());
  EXPECT_EQ(admitted->device_key, site.stranger.public_part());
  EXPECT_EQ(admitted->claims, site.ticket());
}

TEST(Knock, ReplayOnAnotherConnectionFails) {
  const deployment site;
  const auto cookie =
      build_access_knock(site.access_token(), site.device, binding_to("gw_one", 1)).value();
  EXPECT_EQ(verify_knock(parsed_access(cookie), binding_to("gw_one", 2), site.check()).error(),
            errc::proof_invalid);
}

TEST(Knock, ReplayAtAnotherGatewayOfTheSameTokenFails) {
  const deployment site;
  const auto cookie =
      build_access_knock(site.access_token(), site.device, binding_to("gw_one")).value();
  EXPECT_EQ(verify_knock(parsed_access(cookie), binding_to("gw_two"), site.check()).error(),
            errc::proof_invalid);
}

TEST(Knock, TokenForEveryGatewayOpensAny) {
  const deployment site;
  auto claims = site.access();
  claims.gateways = {std::string(every_gateway)};
  const auto token = sign_document(site.signer, claims).value();
  const auto binding = binding_to("gw_far_away");
  const auto cookie = build_access_knock(token, site.device, binding).value();
  EXPECT_TRUE(verify_knock(parsed_access(cookie), binding, site.check()).has_value());
}

TEST(Knock, RefusesToBuildMoreThanItsLimit) {
  const deployment site;
  EXPECT_EQ(
      build_access_knock(std::string(knock_limit, 'x'), site.device, binding_to("gw_one")).error(),
      errc::too_long);
}

TEST(Knock, CookieHoldsNoLetterThatACookieMayNotHold) {
  const deployment site;
  const auto cookie =
      build_ticket_knock(site.ticket_token(), site.device, binding_to("gw_one")).value();
  EXPECT_EQ(cookie.find_first_of(" \",;\\="), std::string::npos);
}

RC_GTEST_PROP(Knock, AnyTextIsParsedOrNamed, (std::string text)) {
  const auto parsed = parse_knock(text);
  RC_ASSERT((parsed.has_value() || parsed.error() == errc::knock_invalid));
}

RC_GTEST_PROP(Knock, NoShortenedCookieIsRecognised, ()) {
  static const deployment site;
  static const auto binding = binding_to("gw_one");
  static const auto cookie = build_access_knock(site.access_token(), site.device, binding).value();
  const auto kept = *rc::gen::inRange<std::size_t>(0, cookie.size());
  const auto parsed = parse_knock(std::string_view(cookie).substr(0, kept));
  RC_ASSERT((!parsed.has_value()));
}

}
}
