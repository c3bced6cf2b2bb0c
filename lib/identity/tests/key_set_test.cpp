#include "httvps/identity/key_set.hpp"

#include <gtest/gtest.h>

#include "deployment.hpp"
#include "httvps/identity/errc.hpp"

namespace httvps::identity {
namespace {

using std::chrono::seconds;

std::string token_with(const deployment& site, std::uint64_t version, const signing_key& listed) {
  return sign_document(site.root, key_set_claims{.version = version,
                                                 .not_after = test_now + key_set_lifetime,
                                                 .keys = {listed.public_part()}})
      .value();
}

TEST(KeySet, FindsItsKeysByTheirIds) {
  const deployment site;
  EXPECT_EQ(site.keys.find(site.signer.key_id(), test_now)->key, site.signer.public_part());
  EXPECT_EQ(site.keys.find(site.stranger.key_id(), test_now).error(), errc::unknown_key);
  EXPECT_EQ(site.keys.find("", test_now).error(), errc::unknown_key);
}

TEST(KeySet, FindsNothingAfterItsLastDay) {
  const deployment site;
  EXPECT_TRUE(site.keys.find(site.signer.key_id(), site.keys.not_after()).has_value());
  EXPECT_EQ(site.keys.find(site.signer.key_id(), site.keys.not_after() + seconds(1)).error(),
            errc::key_set_expired);
}

TEST(KeySet, MovesOnToAHigherVersion) {
  deployment site;
  const auto next = token_with(site, 5, site.stranger);
  ASSERT_TRUE(site.keys.replace(next, test_now).has_value());
  EXPECT_EQ(site.keys.version(), 5U);
  EXPECT_EQ(site.keys.token(), next);
  EXPECT_EQ(site.keys.find(site.stranger.key_id(), test_now)->key, site.stranger.public_part());
  EXPECT_EQ(site.keys.find(site.signer.key_id(), test_now).error(), errc::unknown_key);
}

TEST(KeySet, NeverGoesBack) {
  deployment site;
  ASSERT_TRUE(site.keys.replace(site.key_set_token(5), test_now).has_value());
  EXPECT_EQ(site.keys.replace(site.key_set_token(4), test_now).error(), errc::key_set_rollback);
  EXPECT_EQ(site.keys.version(), 5U);
}

TEST(KeySet, SameVersionMayBeRenewedButNotChanged) {
  deployment site;
  EXPECT_TRUE(site.keys.replace(site.key_set_token(1), test_now).has_value());
  EXPECT_EQ(site.keys.replace(token_with(site, 1, site.stranger), test_now).error(),
            errc::key_set_rollback);
}

TEST(KeySet, StaysAsItWasWhenAReplacementIsForged) {
  deployment site;
  const auto forged =
      sign_document(site.stranger, key_set_claims{.version = 9, .not_after = test_now, .keys = {}});
  EXPECT_EQ(forged.error(), errc::claims_invalid);
  const auto foreign =
      sign_document(site.stranger, key_set_claims{.version = 9,
                                                  .not_after = test_now + key_set_lifetime,
                                                  .keys = {site.stranger.public_part()}});
  EXPECT_EQ(site.keys.replace(foreign.value(), test_now).error(), errc::unknown_key);
  EXPECT_EQ(site.keys.version(), 1U);
}

key_set_claims turned_claims(const deployment& site) {
  return {.version = 2,
          .not_after = test_now + key_set_lifetime,
          .keys = {site.stranger.public_part()},
          .retired = {site.signer.public_part()}};
}

TEST(KeySet, NamesARetiredKeyAsSuch) {
  deployment site;
  ASSERT_TRUE(site.keys.replace(sign_document(site.root, turned_claims(site)).value(), test_now));
  const auto retired = site.keys.find(site.signer.key_id(), test_now);
  EXPECT_EQ(retired->key, site.signer.public_part());
  EXPECT_EQ(retired->standing, key_standing::retired);
  EXPECT_EQ(site.keys.find(site.stranger.key_id(), test_now)->standing, key_standing::current);
}

TEST(KeySet, SameVersionMayNotRetireOtherKeys) {
  deployment site;
  auto claims = turned_claims(site);
  ASSERT_TRUE(site.keys.replace(sign_document(site.root, claims).value(), test_now));
  claims.retired = {};
  EXPECT_EQ(site.keys.replace(sign_document(site.root, claims).value(), test_now).error(),
            errc::key_set_rollback);
}

TEST(KeySet, AKeyIsEitherCurrentOrRetired) {
  const deployment site;
  auto claims = turned_claims(site);
  claims.keys.push_back(site.signer.public_part());
  EXPECT_EQ(sign_document(site.root, claims).error(), errc::claims_invalid);
}

TEST(KeySet, RemembersItsRoot) {
  const deployment site;
  EXPECT_EQ(site.keys.root(), site.root.public_part());
  EXPECT_EQ(site.keys.claims().keys.size(), 1U);
}

}
}
