#include "httvps/identity/sealed_record.hpp"

#include <gtest/gtest.h>

#include "httvps/base/encoding.hpp"
#include "httvps/identity/errc.hpp"

namespace httvps::identity {
namespace {

const auto own_secret = base::secret_bytes::from_text("a secret of thirty-two bytes, 32");

record_key key_for(std::string_view label, const base::secret_bytes& secret = own_secret) {
  return record_key::derive(secret, label).value();
}

base::byte_vector sealed_note(const record_key& key, std::string_view place) {
  return key.seal({.bytes = base::as_bytes("a note"), .bound_to = base::as_bytes(place)},
                  base::secure_random());
}

TEST(SealedRecord, OpensWithItsKeyAtItsPlace) {
  const auto sealed = sealed_note(key_for("notes"), "here");
  EXPECT_EQ(sealed.size(), 6 + sealed_record_overhead);
  const auto opened = key_for("notes").open({.bytes = sealed, .bound_to = base::as_bytes("here")});
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->reveal_text(), "a note");
}

TEST(SealedRecord, OpensNeitherAtAnotherPlaceNorWithAnotherLabelOrSecret) {
  const auto sealed = sealed_note(key_for("notes"), "here");
  const auto opens = [&sealed](const record_key& key, std::string_view place) {
    return key.open({.bytes = sealed, .bound_to = base::as_bytes(place)}).has_value();
  };
  EXPECT_TRUE(opens(key_for("notes"), "here"));
  EXPECT_FALSE(opens(key_for("notes"), "there"));
  EXPECT_FALSE(opens(key_for("letters"), "here"));
  EXPECT_FALSE(opens(key_for("notes", base::secret_bytes::from_text("another")), "here"));
}

TEST(SealedRecord, ChangedOrCutAnywhereDoesNotOpen) {
  const auto key = key_for("notes");
  const auto sealed = sealed_note(key, "here");
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    auto changed = sealed;
    changed[at] ^= 1U;
    EXPECT_EQ(key.open({.bytes = changed, .bound_to = base::as_bytes("here")}).error(),
              errc::sealed_record_invalid);
    const auto cut = base::byte_view(sealed).first(at);
    EXPECT_FALSE(key.open({.bytes = cut, .bound_to = base::as_bytes("here")}));
  }
}

TEST(SealedRecord, SameContentIsSealedDifferentlyEachTime) {
  const auto key = key_for("notes");
  EXPECT_NE(sealed_note(key, "here"), sealed_note(key, "here"));
}

TEST(SealedRecord, KeyIsThatOfRfc5869) {
  const base::secret_bytes secret(base::byte_vector(22, 0x0b));
  EXPECT_EQ(base::to_hex(key_for("", secret).secret().reveal()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST(SealedRecord, NoSecretGivesNoKey) {
  EXPECT_EQ(record_key::derive({}, "notes").error(), errc::key_invalid);
}

}
}
