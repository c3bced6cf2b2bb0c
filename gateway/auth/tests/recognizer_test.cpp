#include "httvps/gateway/auth/recognizer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "knocking_site.hpp"

namespace httvps::gateway {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Recognizer : public testing::Test {
 protected:
  std::string outcome(std::string_view cookie_header, const recognition_moment& moment) const {
    return outcome_of(site_.door.recognize(site_.upgrade_with(cookie_header), tls_, moment));
  }

  std::string outcome_after(seconds later, seconds without_backend = seconds(0)) const {
    auto moment = site_.moment(later);
    moment.without_backend = without_backend;
    return outcome(site_.access_cookie(tls_), moment);
  }

  knocking_site site_;
  tls_facts tls_ = connection(7);
};

TEST_F(Recognizer, DeviceWithAFreshTokenIsRecognised) {
  const auto cookie = site_.access_cookie(tls_);
  const auto found = site_.door.recognize(site_.upgrade_with(cookie), tls_, site_.moment());
  const auto* carrier = std::get_if<device_carrier>(&found);
  ASSERT_NE(carrier, nullptr);
  EXPECT_EQ(carrier->claims, site_.access());
  EXPECT_EQ(carrier->token, site_.access_token());
  EXPECT_EQ(carrier->grace, token_grace::none);
}

TEST_F(Recognizer, TicketOpensAControlCarrierOfTheNewDeviceKey) {
  const auto cookie = site_.ticket_cookie(tls_);
  const auto found = site_.door.recognize(site_.upgrade_with(cookie), tls_, site_.moment());
  const auto* carrier = std::get_if<control_carrier>(&found);
  ASSERT_NE(carrier, nullptr);
  const auto& admission = std::get<ticket_admission>(carrier->holder);
  EXPECT_EQ(admission.claims, site_.ticket());
  EXPECT_EQ(admission.device_key, site_.device.public_part());
  EXPECT_EQ(carrier->token, site_.ticket_token());
}

TEST_F(Recognizer, KnockIsFoundAmongOtherCookies) {
  const auto cookie = "theme=dark; " + site_.access_cookie(tls_) + ";lang=en; broken; =; ";
  EXPECT_EQ(outcome(cookie, site_.moment()), "device");
}

TEST_F(Recognizer, TokenBelowTls13IsNoToken) {
  const auto cookie = site_.access_cookie(tls_);
  tls_.version = tls_version::below_tls_1_3;
  EXPECT_EQ(outcome(cookie, site_.moment()), "tls_too_old");
}

TEST_F(Recognizer, AnyOtherPathBelongsToTheSite) {
  const auto cookie = site_.access_cookie(tls_);
  for (const std::string path : {"", "/", "/assets/3f9", "/assets/3f9b", "/assets/3f9a/",
                                 "/assets/3f9a?x", "/ASSETS/3F9A", "assets/3f9a"}) {
    auto request = site_.upgrade_with(cookie);
    request.path = path;
    EXPECT_EQ(outcome_of(site_.door.recognize(request, tls_, site_.moment())), "other_path")
        << path;
  }
}

TEST_F(Recognizer, RequestWithoutAWellFormedUpgradeBelongsToTheSite) {
  const auto cookie = site_.access_cookie(tls_);
  for (const auto upgrade : {websocket_upgrade::absent, websocket_upgrade::malformed}) {
    auto request = site_.upgrade_with(cookie);
    request.upgrade = upgrade;
    EXPECT_EQ(outcome_of(site_.door.recognize(request, tls_, site_.moment())), "no_upgrade");
  }
}

TEST_F(Recognizer, RequestWithoutTheCookieBelongsToTheSite) {
  const auto value = site_.access_cookie(tls_).substr(site_.marks.cookie.size());
  for (const std::string& header :
       {std::string(), std::string("sid_7c1e"), "SID_7C1E" + value, "sid_7c1" + value,
        "sid_7c1ee" + value, std::string(";;;"), std::string("=sid_7c1e")}) {
    EXPECT_EQ(outcome(header, site_.moment()), "no_knock") << header;
  }
}

TEST_F(Recognizer, TwoKnocksAreNoKnock) {
  const auto cookie = site_.access_cookie(tls_);
  EXPECT_EQ(outcome(cookie + "; " + cookie, site_.moment()), "several_knocks");
  EXPECT_EQ(outcome(cookie + "; sid_7c1e=", site_.moment()), "several_knocks");
}

TEST_F(Recognizer, CookieHeaderAboveItsLimitIsNotSearched) {
  const auto cookie = site_.access_cookie(tls_);
  const std::string filler(cookie_header_limit - cookie.size() - 1, 'x');
  EXPECT_EQ(outcome(cookie + ";" + filler, site_.moment()), "device");
  EXPECT_EQ(outcome(cookie + ";x" + filler, site_.moment()), "cookie_header_too_long");
}

TEST_F(Recognizer, DamagedKnocksBelongToTheSite) {
  EXPECT_EQ(outcome("sid_7c1e=", site_.moment()), "knock_invalid");
  EXPECT_EQ(outcome("sid_7c1e=a~b~c~d", site_.moment()), "knock_invalid");
  EXPECT_EQ(outcome("sid_7c1e=" + std::string(5000, 'a'), site_.moment()), "too_long");
}

TEST_F(Recognizer, ReplayOnAnotherConnectionBelongsToTheSite) {
  const auto recorded = site_.access_cookie(tls_);
  EXPECT_EQ(outcome(recorded, site_.moment()), "device");
  tls_ = connection(8);
  EXPECT_EQ(outcome(recorded, site_.moment()), "proof_invalid");
}

TEST_F(Recognizer, TicketReplayOnAnotherConnectionBelongsToTheSite) {
  const auto recorded = site_.ticket_cookie(tls_);
  tls_ = connection(8);
  EXPECT_EQ(outcome(recorded, site_.moment()), "proof_invalid");
}

TEST_F(Recognizer, ProofMadeForAnotherGatewayBelongsToTheSite) {
  auto binding = site_.binding(tls_);
  binding.gateway_id = "gw_two";
  const auto value = identity::build_access_knock(site_.access_token(), site_.device, binding);
  EXPECT_EQ(outcome("sid_7c1e=" + value.value(), site_.moment()), "proof_invalid");
}

TEST_F(Recognizer, TokenForOtherGatewaysBelongsToTheSite) {
  auto claims = site_.access();
  claims.gateways = {"gw_two"};
  const auto token = identity::sign_document(site_.signer, claims).value();
  const auto value = identity::build_access_knock(token, site_.device, site_.binding(tls_));
  EXPECT_EQ(outcome("sid_7c1e=" + value.value(), site_.moment()), "wrong_gateway");
}

TEST_F(Recognizer, TokenSignedByAStrangerBelongsToTheSite) {
  const auto stranger = numbered_key(9);
  const auto token = identity::sign_document(stranger, site_.access()).value();
  const auto value = identity::build_access_knock(token, site_.device, site_.binding(tls_));
  EXPECT_EQ(outcome("sid_7c1e=" + value.value(), site_.moment()), "unknown_key");
}

TEST_F(Recognizer, TokenExpiredUpToTenMinutesNeedsALiveSession) {
  EXPECT_EQ(outcome_after(hours(1)), "device");
  EXPECT_EQ(outcome_after(hours(1) + seconds(1)), "device in live session");
  EXPECT_EQ(outcome_after(hours(1) + minutes(10)), "device in live session");
  EXPECT_EQ(outcome_after(hours(1) + minutes(10) + seconds(1)), "control by expired token");
}

TEST_F(Recognizer, TokenExpiredUpToThirtyDaysOpensControlOnly) {
  EXPECT_EQ(outcome_after(hours(1 + 24 * 30)), "control by expired token");
  EXPECT_EQ(outcome_after(hours(1 + 24 * 30) + seconds(1)), "token_expired");
}

TEST_F(Recognizer, ExpiredTokenCarriesItsClaimsToTheControlCarrier) {
  const auto cookie = site_.access_cookie(tls_);
  const auto found =
      site_.door.recognize(site_.upgrade_with(cookie), tls_, site_.moment(hours(48)));
  const auto& carrier = std::get<control_carrier>(found);
  EXPECT_EQ(std::get<identity::access_claims>(carrier.holder), site_.access());
  EXPECT_EQ(carrier.token, site_.access_token());
}

TEST_F(Recognizer, TokenFromTheFutureBelongsToTheSite) {
  EXPECT_EQ(outcome_after(-minutes(2)), "device");
  EXPECT_EQ(outcome_after(-minutes(2) - seconds(1)), "token_not_yet_valid");
}

TEST_F(Recognizer, ExpiredTicketBelongsToTheSite) {
  EXPECT_EQ(outcome(site_.ticket_cookie(tls_), site_.moment(hours(24))), "control by ticket");
  EXPECT_EQ(outcome(site_.ticket_cookie(tls_), site_.moment(hours(24) + seconds(1))),
            "ticket_expired");
}

TEST_F(Recognizer, OfflineGatewayAcceptsAValidatedDeviceAsLongAsItIsOffline) {
  site_.validate_device(test_now);
  EXPECT_EQ(outcome_after(hours(4), hours(3)), "device offline");
  EXPECT_EQ(outcome_after(hours(4) + seconds(1), hours(3)), "control by expired token");
  EXPECT_EQ(outcome_after(hours(1), hours(3)), "device");
}

TEST_F(Recognizer, OfflineRuleEndsAfterOneDay) {
  site_.validate_device(test_now);
  EXPECT_EQ(outcome_after(hours(25), hours(100)), "device offline");
  EXPECT_EQ(outcome_after(hours(25) + seconds(1), hours(100)), "control by expired token");
}

TEST_F(Recognizer, OfflineRuleNeedsAValidationWithinSevenDays) {
  EXPECT_EQ(outcome_after(hours(2), hours(3)), "control by expired token");
  site_.validate_device(test_now + hours(2) - validation_memory);
  EXPECT_EQ(outcome_after(hours(2), hours(3)), "device offline");
  EXPECT_EQ(outcome_after(hours(2) + seconds(1), hours(3)), "control by expired token");
}

TEST_F(Recognizer, OnlineGatewayGivesNoOfflineGrace) {
  site_.validate_device(test_now);
  EXPECT_EQ(outcome_after(hours(1) + seconds(1), seconds(0)), "device in live session");
}

TEST_F(Recognizer, TokenOfARetiredKeyOpensControlOnlyOnceItHasExpired) {
  const identity::key_set_claims claims{.version = 2,
                                        .not_after = test_now + identity::key_set_lifetime,
                                        .keys = {numbered_key(9).public_part()},
                                        .retired = {site_.signer.public_part()}};
  ASSERT_TRUE(site_.keys.replace(identity::sign_document(site_.root, claims).value(), test_now));
  site_.validate_device(test_now);
  EXPECT_EQ(outcome_after(hours(1)), "unknown_key");
  EXPECT_EQ(outcome_after(hours(1) + seconds(1)), "control by expired token");
  EXPECT_EQ(outcome_after(hours(2), hours(3)), "control by expired token");
  EXPECT_EQ(outcome(site_.ticket_cookie(tls_), site_.moment()), "control by ticket");
}

TEST_F(Recognizer, RevokedDeviceBelongsToTheSiteWhateverItsToken) {
  site_.validate_device(test_now);
  ASSERT_TRUE(site_.revoked.add({.device_id = "dev_one"}).has_value());
  EXPECT_EQ(outcome_after(seconds(0)), "device_revoked");
  EXPECT_EQ(outcome_after(hours(2), hours(3)), "device_revoked");
  EXPECT_EQ(outcome_after(hours(48)), "device_revoked");
}

TEST_F(Recognizer, SuspendedDeviceIsKnownSoThatItCanBeToldWhy) {
  site_.validate_device(test_now);
  ASSERT_TRUE(site_.revoked.add({.device_id = "dev_one", .how = withdrawal::user_suspended}));
  EXPECT_EQ(outcome_after(seconds(0)), "device");
  ASSERT_TRUE(
      site_.revoked.add({.device_id = "dev_one", .how = withdrawal::subscription_suspended}));
  EXPECT_EQ(outcome_after(seconds(0)), "device");
}

TEST_F(Recognizer, NothingIsRecognisedAfterTheKeySetExpired) {
  EXPECT_EQ(outcome_after(identity::key_set_lifetime + seconds(1)), "key_set_expired");
}

RC_GTEST_PROP(RecognizerProperty, AnyCookieHeaderWithoutOurKeyBelongsToTheSite,
              (std::string header)) {
  static const knocking_site site;
  const auto found =
      site.door.recognize(site.upgrade_with("sid_7c1e=" + header), connection(1), site.moment());
  RC_ASSERT(std::holds_alternative<not_ours>(found));
}

RC_GTEST_PROP(RecognizerProperty, NoFlippedExporterBitIsRecognised, ()) {
  static const knocking_site site;
  auto tls = connection(1);
  const auto cookie = site.access_cookie(tls);
  const auto bit = *rc::gen::inRange<std::size_t>(0, tls.exporter.size() * 8);
  tls.exporter[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
  RC_ASSERT(outcome_of(site.door.recognize(site.upgrade_with(cookie), tls, site.moment())) ==
            "proof_invalid");
}

}
}
