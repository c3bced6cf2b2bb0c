#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <optional>

#include "httvps/backend/services/bootstrap.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/issued_secret.hpp"
#include "support/deployment.hpp"
#include "support/kept_token.hpp"

namespace httvps::backend::services {
namespace {

using test_support::deployment;

field_cipher cipher_of(std::uint8_t fill) {
  return *field_cipher::from_key(base::secret_bytes(base::byte_vector(field_key_size, fill)));
}

constexpr cell_name cell{.table = "access_keys", .column = "sealed_url", .record = "key_1"};

TEST(FieldCipher, OpensWhatItSealedInTheSameCellOnly) {
  const auto cipher = cipher_of(1);
  const auto content = base::secret_bytes::from_text("ss://secret");
  const auto sealed = cipher.seal(cell, content, base::secure_random());
  EXPECT_TRUE(sealed.starts_with("enc:v1:" + cipher.key_id() + ":"));
  EXPECT_EQ(sealed.find("secret"), std::string::npos);
  EXPECT_EQ(cipher.open(cell, sealed), content);
  for (const cell_name& other :
       {cell_name{"nodes", "sealed_url", "key_1"}, cell_name{"access_keys", "value", "key_1"},
        cell_name{"access_keys", "sealed_url", "key_2"}}) {
    EXPECT_EQ(cipher.open(other, sealed).error(), errc::secret_unreadable);
  }
}

TEST(FieldCipher, RefusesOtherKeysPlainTextAndDamage) {
  const auto cipher = cipher_of(1);
  auto sealed = cipher.seal(cell, base::secret_bytes::from_text("x"), base::secure_random());
  EXPECT_EQ(cipher_of(2).open(cell, sealed).error(), errc::secret_unreadable);
  EXPECT_EQ(cipher.open(cell, "ss://plain").error(), errc::secret_unreadable);
  EXPECT_EQ(cipher.open(cell, "enc:v1:").error(), errc::secret_unreadable);
  EXPECT_EQ(cipher.open(cell, sealed.substr(0, sealed.size() - 4)).error(),
            errc::secret_unreadable);
  sealed[40] = sealed[40] == 'A' ? 'B' : 'A';
  EXPECT_EQ(cipher.open(cell, sealed).error(), errc::secret_unreadable);
}

TEST(FieldCipher, NeverSealsTheSameContentToTheSameText) {
  const auto cipher = cipher_of(1);
  const auto content = base::secret_bytes::from_text("ss://secret");
  EXPECT_NE(cipher.seal(cell, content, base::secure_random()),
            cipher.seal(cell, content, base::secure_random()));
}

TEST(FieldCipher, NeedsAKeyOfThirtyTwoBytes) {
  EXPECT_FALSE(field_cipher::from_key(base::secret_bytes(base::byte_vector(31, 1))));
}

RC_GTEST_PROP(FieldCipherProperty, RoundTripsAnyContent, (const std::string& content)) {
  const auto cipher = cipher_of(9);
  const auto secret = base::secret_bytes::from_text(content);
  RC_ASSERT((cipher.open(cell, cipher.seal(cell, secret, base::secure_random())) == secret));
}

TEST(IssuedSecret, HasPrefixDigitsAndACheckThatFindsTypingErrors) {
  base::seeded_random random(5);
  const auto issued = issue_secret(admin_token_prefix, random);
  std::string text(issued.text.reveal_text());
  EXPECT_EQ(text.size(), 40U);
  EXPECT_TRUE(is_issued_secret(admin_token_prefix, text));
  EXPECT_FALSE(is_issued_secret(join_token_prefix, text));
  EXPECT_EQ(issued.hash, hash_secret(text));
  text[10] = text[10] == '0' ? '1' : '0';
  EXPECT_FALSE(is_issued_secret(admin_token_prefix, text));
}

TEST(IssuedSecret, EveryDigitCountsInItsHash) {
  base::seeded_random random(5);
  const auto issued = issue_secret(admin_token_prefix, random);
  const std::string text(issued.text.reveal_text());
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto other = text;
    other[i] = other[i] == '0' ? '1' : '0';
    EXPECT_NE(hash_secret(other), issued.hash) << i;
  }
}

TEST(AdminToken, IsMadeOnceAndThenKnown) {
  deployment world;
  test_support::kept_token keeper;
  const admin_token_parts parts{
      .storage = *world.store, .clock = world.clock, .random = world.random};
  EXPECT_EQ(ensure_admin_token(parts, keeper), admin_token_origin::created);
  EXPECT_EQ(ensure_admin_token(parts, keeper), admin_token_origin::known);
  const auto actor = world.access.admin(keeper.kept->reveal_text(), "r");
  ASSERT_TRUE(actor);
  EXPECT_EQ(actor->request_id, "r");
}

TEST(AdminToken, FileOfTheOperatorIsRegisteredAndGarbageRefused) {
  deployment world;
  test_support::kept_token keeper;
  keeper.kept = issue_secret(admin_token_prefix, world.random).text;
  const admin_token_parts parts{
      .storage = *world.store, .clock = world.clock, .random = world.random};
  EXPECT_EQ(ensure_admin_token(parts, keeper), admin_token_origin::registered);
  EXPECT_TRUE(world.access.admin(keeper.kept->reveal_text(), "r"));
  keeper.kept = base::secret_bytes::from_text("password");
  EXPECT_EQ(ensure_admin_token(parts, keeper).error(), errc::credential_invalid);
}

TEST(AdminToken, UnknownOrMalformedTokensAreRefused) {
  deployment world;
  const auto stranger = issue_secret(admin_token_prefix, world.random).text;
  EXPECT_EQ(world.access.admin(stranger.reveal_text(), "r").error(), errc::credential_invalid);
  EXPECT_EQ(world.access.admin("", "r").error(), errc::credential_invalid);
}

TEST(SigningAuthority, KeepsItsKeysOverARestartAndRefusesAnotherRoot) {
  deployment world;
  const authority_parts parts{.storage = *world.store,
                              .cipher = world.cipher,
                              .clock = world.clock,
                              .random = world.random};
  const auto again = signing_authority::open(parts, world.root);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->key_set_text(), world.authority.key_set_text());
  const auto foreign =
      signing_authority::open(parts, identity::signing_key::generate(world.random));
  EXPECT_EQ(foreign.error(), errc::root_key_mismatch);
  const auto locked = cipher_of(3);
  EXPECT_EQ(
      signing_authority::open(
          {.storage = *world.store, .cipher = locked, .clock = world.clock, .random = world.random},
          world.root)
          .error(),
      errc::secret_unreadable);
}

TEST(SigningAuthority, SignsTheKeySetAgainLongBeforeItEnds) {
  deployment world;
  const auto first = world.authority.key_set_version();
  const auto end = world.authority.key_set_end();
  ASSERT_TRUE(world.authority.tend());
  EXPECT_EQ(world.authority.key_set_version(), first);
  world.clock.advance(std::chrono::hours(24 * 46));
  ASSERT_TRUE(world.authority.tend());
  EXPECT_GT(world.authority.key_set_version(), first);
  EXPECT_EQ(world.authority.key_set_end() - end, std::chrono::hours(24 * 46));
}

}
}
