#include "httvps/identity/sealed_box.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sodium.h>

#include "httvps/identity/errc.hpp"

namespace httvps::identity {
namespace {

box_key numbered_box_key(std::uint64_t number) {
  base::seeded_random random(number);
  return box_key::generate(random);
}

base::byte_vector seal(const box_key& recipient, std::string_view text) {
  base::seeded_random random(77);
  return seal_to(recipient.public_part(), base::secret_bytes::from_text(text), random).value();
}

TEST(SealedBox, OpensForItsRecipientOnly) {
  const auto sealed = seal(numbered_box_key(1), "ss://key");
  EXPECT_EQ(numbered_box_key(1).open(sealed)->reveal_text(), "ss://key");
  EXPECT_EQ(numbered_box_key(2).open(sealed).error(), errc::sealed_box_invalid);
}

TEST(SealedBox, OpensWhatLibsodiumSealed) {
  const auto recipient = numbered_box_key(1);
  const auto content = base::as_bytes("from the other side");
  base::byte_vector sealed(content.size() + sealed_box_overhead);
  ASSERT_EQ(crypto_box_seal(sealed.data(), content.data(), content.size(),
                            recipient.public_part().bytes.data()),
            0);
  EXPECT_EQ(recipient.open(sealed)->reveal_text(), "from the other side");
}

TEST(SealedBox, IsDifferentEachTime) {
  const auto recipient = numbered_box_key(1);
  const auto content = base::secret_bytes::from_text("same");
  EXPECT_NE(seal_to(recipient.public_part(), content, base::secure_random()).value(),
            seal_to(recipient.public_part(), content, base::secure_random()).value());
}

TEST(SealedBox, RefusesOversizeContent) {
  base::seeded_random random(1);
  const base::secret_bytes content{base::byte_vector(sealed_box_limit)};
  EXPECT_EQ(seal_to(numbered_box_key(1).public_part(), content, random).error(), errc::too_long);
  EXPECT_EQ(numbered_box_key(1).open(base::byte_vector(sealed_box_limit + 1)).error(),
            errc::sealed_box_invalid);
}

TEST(SealedBox, RefusesARecipientOfSmallOrder) {
  base::seeded_random random(1);
  EXPECT_EQ(seal_to({}, base::secret_bytes::from_text("x"), random).error(), errc::key_invalid);
}

TEST(SealedBox, RefusesKeysOfAnotherSize) {
  EXPECT_EQ(box_key::from_secret(base::secret_bytes::from_text("short")).error(),
            errc::key_invalid);
  EXPECT_EQ(box_public_key::from_base64url("AAAA").error(), errc::key_invalid);
  const auto key = numbered_box_key(3).public_part();
  EXPECT_EQ(box_public_key::from_base64url(key.to_base64url()), key);
}

RC_GTEST_PROP(SealedBox, NoFlippedBitOpens, (std::string text)) {
  auto sealed = seal(numbered_box_key(1), text);
  const auto bit = *rc::gen::inRange<std::size_t>(0, sealed.size() * 8);
  RC_PRE(bit != 255U);
  sealed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
  RC_ASSERT((!numbered_box_key(1).open(sealed)));
}

}
}
