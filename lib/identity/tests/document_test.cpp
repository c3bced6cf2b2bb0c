#include "httvps/identity/document.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "deployment.hpp"
#include "httvps/identity/errc.hpp"
#include "httvps/identity/paseto.hpp"

namespace httvps::identity {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

std::string sign_raw(const signing_key& key, std::string_view context, std::string_view payload) {
  return sign_paseto(key, {.payload = payload,
                           .footer = R"({"kid":")" + key.key_id() + R"("})",
                           .implicit_assertion = context});
}

TEST(Document, AccessTokenComesBackAsItWasSigned) {
  const deployment site;
  const auto access = verify_access_token(site.access_token(), site.check());
  ASSERT_TRUE(access.has_value()) << access.error().message();
  EXPECT_EQ(access->claims, site.access());
  EXPECT_EQ(access->expired_since, seconds(0));
}

TEST(Document, TicketAndConfigComeBackAsTheyWereSigned) {
  const deployment site;
  EXPECT_EQ(verify_ticket(site.ticket_token(), site.check()).value(), site.ticket());
  EXPECT_EQ(verify_config(site.config_token(), site.check()).value(), site.config());
}

TEST(Document, AccessTokenIsGoodThroughItsLastSecondOnly) {
  const deployment site;
  const auto token = site.access_token();
  EXPECT_TRUE(verify_access_token(token, site.check(hours(1))).has_value());
  EXPECT_EQ(verify_access_token(token, site.check(hours(1) + seconds(1))).error(),
            errc::token_expired);
}

TEST(Document, EachGraceEndsWhereItSays) {
  const deployment site;
  const auto token = site.access_token();
  for (const auto grace :
       {expiry_grace::live_session(), expiry_grace::offline(hours(3)), expiry_grace::renewal()}) {
    auto check = site.check(hours(1) + grace.length());
    check.grace = grace;
    EXPECT_EQ(verify_access_token(token, check)->expired_since, grace.length());
    check.now += seconds(1);
    EXPECT_EQ(verify_access_token(token, check).error(), errc::token_expired);
  }
}

TEST(Document, GracesAreTenMinutesThirtyDaysAndAtMostADayOffline) {
  EXPECT_EQ(expiry_grace::none().length(), seconds(0));
  EXPECT_EQ(expiry_grace::live_session().length(), minutes(10));
  EXPECT_EQ(expiry_grace::renewal().length(), hours(24 * 30));
  EXPECT_EQ(expiry_grace::offline(hours(25)).length(), hours(24));
  EXPECT_EQ(expiry_grace::offline(seconds(-5)).length(), seconds(0));
}

TEST(Document, RefusesATokenFromTheFutureBeyondTheClockTolerance) {
  const deployment site;
  const auto token = site.access_token();
  EXPECT_TRUE(verify_access_token(token, site.check(-clock_tolerance)).has_value());
  EXPECT_EQ(verify_access_token(token, site.check(-clock_tolerance - seconds(1))).error(),
            errc::token_not_yet_valid);
  EXPECT_EQ(verify_config(site.config_token(), site.check(-hours(1))).error(),
            errc::token_not_yet_valid);
}

TEST(Document, TicketHasNoGrace) {
  const deployment site;
  auto check = site.check(hours(24));
  check.grace = expiry_grace::renewal();
  EXPECT_TRUE(verify_ticket(site.ticket_token(), check).has_value());
  check.now += seconds(1);
  EXPECT_EQ(verify_ticket(site.ticket_token(), check).error(), errc::ticket_expired);
}

TEST(Document, ConfigExpiresAfterItsLastDay) {
  const deployment site;
  EXPECT_EQ(verify_config(site.config_token(), site.check(hours(24) + seconds(1))).error(),
            errc::config_expired);
}

TEST(Document, NamesTheWrongContext) {
  const deployment site;
  EXPECT_EQ(verify_access_token(site.ticket_token(), site.check()).error(), errc::wrong_context);
  EXPECT_EQ(verify_ticket(site.access_token(), site.check()).error(), errc::wrong_context);
  EXPECT_EQ(verify_config(site.access_token(), site.check()).error(), errc::wrong_context);
  EXPECT_EQ(verify_ticket(sign_raw(site.signer, "htv1/policy", "{}"), site.check()).error(),
            errc::wrong_context);
  EXPECT_EQ(verify_ticket(sign_raw(site.signer, "htv2/ticket", "{}"), site.check()).error(),
            errc::signature_invalid);
}

TEST(Document, NamesAnUnknownKey) {
  const deployment site;
  const auto foreign = sign_document(site.stranger, site.access()).value();
  EXPECT_EQ(verify_access_token(foreign, site.check()).error(), errc::unknown_key);
}

class RetiredSigner : public testing::Test {
 protected:
  void SetUp() override {
    const key_set_claims claims{.version = 2,
                                .not_after = test_now + key_set_lifetime,
                                .keys = {site.stranger.public_part()},
                                .retired = {site.signer.public_part()}};
    ASSERT_TRUE(site.keys.replace(sign_document(site.root, claims).value(), test_now));
  }

  document_check at(seconds later, expiry_grace grace) const {
    return {.keys = site.keys, .now = test_now + later, .grace = grace};
  }

  deployment site;
};

TEST_F(RetiredSigner, LetsAnExpiredTokenBeRenewedAndNothingElse) {
  const auto token = site.access_token();
  EXPECT_EQ(verify_access_token(token, site.check()).error(), errc::unknown_key);
  EXPECT_EQ(verify_access_token(token, at(hours(1), expiry_grace::renewal())).error(),
            errc::unknown_key);
  EXPECT_EQ(verify_access_token(token, at(hours(2), expiry_grace::offline(hours(24)))).error(),
            errc::unknown_key);
  EXPECT_EQ(verify_access_token(token, at(hours(1) + seconds(1), expiry_grace::none())).error(),
            errc::token_expired);
  const auto renewable =
      verify_access_token(token, at(hours(1) + seconds(1), expiry_grace::renewal()));
  ASSERT_TRUE(renewable);
  EXPECT_EQ(renewable->signer, key_standing::retired);
}

TEST_F(RetiredSigner, KeepsTicketsAndConfigurationsGood) {
  EXPECT_TRUE(verify_ticket(site.ticket_token(), site.check()));
  EXPECT_TRUE(verify_config(site.config_token(), site.check()));
}

TEST(Document, RefusesAForgeryThatBorrowsAKnownKeyId) {
  const deployment site;
  const auto payload = encode_claims(site.access()).value();
  const auto forged =
      sign_paseto(site.stranger, {.payload = payload,
                                  .footer = R"({"kid":")" + site.signer.key_id() + R"("})",
                                  .implicit_assertion = "htv1/access-token"});
  EXPECT_EQ(verify_access_token(forged, site.check()).error(), errc::signature_invalid);
}

TEST(Document, RootKeySignsNothingButKeySets) {
  const deployment site;
  const auto token = sign_document(site.root, site.access()).value();
  EXPECT_EQ(verify_access_token(token, site.check()).error(), errc::unknown_key);
}

TEST(Document, RefusesFootersOfAnotherShape) {
  const deployment site;
  const auto id = site.signer.key_id();
  for (const std::string& footer :
       {std::string(), id, R"({"kid":")" + id + R"(","x":1})", R"({"kid": ")" + id + R"("})",
        std::string(R"({"kid":"ABCDEF0123456789"})"), R"({"kid":")" + id + R"(0"})"}) {
    const auto token = sign_paseto(site.signer, {.payload = encode_claims(site.access()).value(),
                                                 .footer = footer,
                                                 .implicit_assertion = "htv1/access-token"});
    EXPECT_EQ(verify_access_token(token, site.check()).error(), errc::token_invalid) << footer;
  }
}

TEST(Document, RefusesSignedGarbage) {
  const deployment site;
  const auto token = sign_raw(site.signer, "htv1/access-token", R"({"sub":1})");
  EXPECT_EQ(verify_access_token(token, site.check()).error(), errc::claims_invalid);
}

TEST(Document, RefusesEverythingOnceTheKeySetExpired) {
  const deployment site;
  auto check = site.check(key_set_lifetime + seconds(1));
  check.grace = expiry_grace::renewal();
  EXPECT_EQ(verify_access_token(site.access_token(), check).error(), errc::key_set_expired);
}

TEST(Document, RefusesToSignClaimsThatWouldNotVerify) {
  const deployment site;
  auto claims = site.access();
  claims.expires = claims.issued + hours(2);
  EXPECT_EQ(sign_document(site.signer, claims).error(), errc::claims_invalid);
}

TEST(Document, RefusesToSignAConfigAboveItsLimit) {
  const deployment site;
  auto claims = site.config();
  auto entry = claims.gateways.front();
  entry.addresses = std::vector<std::string>(16, std::string(60, '1') + ":443");
  claims.gateways.clear();
  for (int i = 0; i < 64; ++i) {
    entry.id = "gw_" + std::to_string(i);
    claims.gateways.push_back(entry);
  }
  EXPECT_EQ(sign_document(site.signer, claims).error(), errc::too_long);
}

RC_GTEST_PROP(Document, NoChangedLetterOfATokenVerifies, ()) {
  static const deployment site;
  auto token = site.access_token();
  const auto place = *rc::gen::inRange<std::size_t>(0, token.size());
  const auto letter = *rc::gen::inRange<char>('!', '~');
  RC_PRE(token[place] != letter);
  token[place] = letter;
  RC_ASSERT((!verify_access_token(token, site.check()).has_value()));
}

}
}
