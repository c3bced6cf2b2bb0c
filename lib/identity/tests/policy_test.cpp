#include "httvps/identity/policy.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "../src/context.hpp"
#include "deployment.hpp"
#include "httvps/identity/errc.hpp"

namespace httvps::identity {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

policy_claims some_policy() {
  return {.version = 7,
          .issued = test_now,
          .shape = {.carriers_most = 2,
                    .keepalive = {.least = seconds(12), .most = seconds(20)},
                    .carrier_age = {.least = seconds(60), .most = seconds(86400)},
                    .carrier_idle = seconds(5)}};
}

traffic_shape changed(const std::function<void(traffic_shape&)>& edit) {
  traffic_shape shape;
  edit(shape);
  return shape;
}

std::string sign_as(const deployment& site, context purpose, std::string_view payload) {
  return sign_in_context(site.signer, purpose, payload).value();
}

TEST(Policy, ComesBackAsItWasSigned) {
  const deployment site;
  const auto token = sign_document(site.signer, some_policy()).value();
  EXPECT_EQ(verify_policy(token, site.check()), some_policy());
}

TEST(Policy, HasNoEndOfItsOwn) {
  const deployment site;
  const auto token = sign_document(site.signer, some_policy()).value();
  EXPECT_TRUE(verify_policy(token, site.check(hours(24) * 60)));
}

TEST(Policy, IsNotTakenFromTheFuture) {
  const deployment site;
  const auto token = sign_document(site.signer, some_policy()).value();
  EXPECT_TRUE(verify_policy(token, site.check(-clock_tolerance)));
  EXPECT_EQ(verify_policy(token, site.check(-clock_tolerance - seconds(1))).error(),
            errc::token_not_yet_valid);
}

TEST(Policy, NamesWrongContextsSignaturesAndKeys) {
  const deployment site;
  const auto good = sign_document(site.signer, some_policy()).value();
  const auto payload = encode_claims(some_policy()).value();
  EXPECT_EQ(verify_policy(site.config_token(), site.check()).error(), errc::wrong_context);
  EXPECT_EQ(verify_policy(sign_as(site, context::ticket, payload), site.check()).error(),
            errc::wrong_context);
  EXPECT_EQ(verify_config(good, site.check()).error(), errc::wrong_context);
  EXPECT_EQ(
      verify_policy(sign_document(site.stranger, some_policy()).value(), site.check()).error(),
      errc::unknown_key);
  auto forged = good;
  forged[good.size() / 2] = forged[good.size() / 2] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(verify_policy(forged, site.check()));
}

TEST(Policy, OfARetiredKeyIsGood) {
  deployment site;
  const auto token = sign_document(site.signer, some_policy()).value();
  const key_set_claims later{.version = 2,
                             .not_after = test_now + key_set_lifetime,
                             .keys = {site.stranger.public_part()},
                             .retired = {site.signer.public_part()}};
  ASSERT_TRUE(site.keys.replace(sign_document(site.root, later).value(), test_now));
  EXPECT_TRUE(verify_policy(token, site.check()));
}

TEST(Policy, IsSignedAndTakenOnlyWithinItsBounds) {
  const deployment site;
  const traffic_shape unsound[] = {
      changed([](auto& shape) { shape.carriers_most = 0; }),
      changed([](auto& shape) { shape.carriers_most = policy_carriers_most + 1; }),
      changed([](auto& shape) { shape.keepalive.least = keepalive_bounds.least - seconds(1); }),
      changed([](auto& shape) { shape.keepalive.most = keepalive_bounds.most + seconds(1); }),
      changed([](auto& shape) { shape.keepalive = {seconds(30), seconds(29)}; }),
      changed([](auto& shape) { shape.carrier_age.least = carrier_age_bounds.least - seconds(1); }),
      changed([](auto& shape) { shape.carrier_age.most = carrier_age_bounds.most + seconds(1); }),
      changed([](auto& shape) { shape.carrier_age = {seconds(90), seconds(89)}; }),
      changed([](auto& shape) { shape.carrier_idle = carrier_idle_bounds.least - seconds(1); }),
      changed([](auto& shape) { shape.carrier_idle = carrier_idle_bounds.most + seconds(1); })};
  for (const auto& shape : unsound) {
    EXPECT_FALSE(is_sound(shape));
    EXPECT_EQ(sign_document(site.signer, policy_claims{.issued = test_now, .shape = shape}).error(),
              errc::claims_invalid);
  }
  EXPECT_TRUE(is_sound(traffic_shape{}));
}

TEST(Policy, WithoutAMemberIsNoPolicyAndFurtherMembersAreLeftAlone) {
  const auto whole = encode_claims(some_policy()).value();
  for (const std::string name :
       {"version", "issued", "carriers_most", "keepalive", "carrier_age", "carrier_idle_s"}) {
    auto text = whole;
    text.replace(text.find("\"" + name + "\""), 2, "\"x");
    EXPECT_EQ(decode_policy_claims(text).error(), errc::claims_invalid) << text;
  }
  const auto longer = "{\"padding\":{\"most\":9}," + whole.substr(1);
  EXPECT_EQ(decode_policy_claims(longer), some_policy());
}

}
}
