#include "httvps/identity/signing_key.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "deployment.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/identity/errc.hpp"

namespace httvps::identity {
namespace {

base::byte_view view(std::string_view text) {
  return base::as_bytes(text);
}

TEST(SigningKey, SignsTheFirstVectorOfRfc8032) {
  const auto seed =
      base::from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  const auto key = signing_key::from_seed(base::secret_bytes(seed.value())).value();
  EXPECT_EQ(base::to_hex(key.public_part().bytes),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  EXPECT_EQ(base::to_hex(key.sign({})),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
}

TEST(SigningKey, ComesBackFromItsSeed) {
  const auto key = numbered_key(1);
  EXPECT_EQ(signing_key::from_seed(key.seed())->public_part(), key.public_part());
}

TEST(SigningKey, RefusesASeedOfAnotherSize) {
  EXPECT_EQ(signing_key::from_seed(base::secret_bytes::from_text("short")).error(),
            errc::key_invalid);
}

TEST(SigningKey, GeneratesDifferentKeysFromSecureRandomness) {
  EXPECT_NE(signing_key::generate(base::secure_random()).public_part(),
            signing_key::generate(base::secure_random()).public_part());
}

TEST(PublicKey, RefusesTextThatIsNotThirtyTwoBytes) {
  const auto text = numbered_key(1).public_part().to_base64url();
  EXPECT_EQ(public_key::from_base64url(text), numbered_key(1).public_part());
  EXPECT_EQ(public_key::from_base64url(text.substr(1)).error(), errc::key_invalid);
  EXPECT_EQ(public_key::from_base64url(text + "AA").error(), errc::key_invalid);
  EXPECT_EQ(public_key::from_base64url("not base64!").error(), errc::key_invalid);
}

TEST(PublicKey, NeverVerifiesWithAPointOfSmallOrder) {
  const public_key zero;
  signature forged{};
  EXPECT_EQ(verify_signature(zero, {.message = view("any"), .proof = forged}).error(),
            errc::signature_invalid);
}

RC_GTEST_PROP(SigningKey, OnlyTheSignedMessageVerifies, (std::string message, std::string other)) {
  const auto key = numbered_key(2);
  const auto proof = key.sign(view(message));
  RC_ASSERT(
      verify_signature(key.public_part(), {.message = view(message), .proof = proof}).has_value());
  const auto unlike =
      verify_signature(key.public_part(), {.message = view(other), .proof = proof}).has_value();
  RC_ASSERT(unlike == (message == other));
}

RC_GTEST_PROP(SigningKey, NoFlippedBitOfASignatureVerifies, ()) {
  const auto key = numbered_key(3);
  auto proof = key.sign(view("message"));
  const auto bit = *rc::gen::inRange<std::size_t>(0, proof.size() * 8);
  proof[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
  RC_ASSERT(!verify_signature(key.public_part(), {.message = view("message"), .proof = proof})
                 .has_value());
}

}
}
