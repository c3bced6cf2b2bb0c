#include "httvps/shadowsocks/cipher.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "stream_fixture.hpp"

namespace httvps::shadowsocks {
namespace {

TEST(Cipher, SaltStartsWithThePrefixAndEndsRandom) {
  base::seeded_random random(7);
  for (const auto method : testing::all_methods) {
    const auto first = make_salt(method, base::as_bytes("POST "), random).value();
    const auto second = make_salt(method, base::as_bytes("POST "), random).value();
    EXPECT_EQ(first.view().size(), salt_size(method));
    EXPECT_EQ(base::as_text(first.view().first(5)), "POST ");
    EXPECT_FALSE(std::ranges::equal(first.view().subspan(5), second.view().subspan(5)));
  }
}

TEST(Cipher, PrefixLeavesAtLeastEightRandomBytes) {
  base::seeded_random random(7);
  for (const auto method : testing::all_methods) {
    const base::byte_vector longest(prefix_limit(method), 'x');
    const base::byte_vector longer(prefix_limit(method) + 1, 'x');
    EXPECT_GE(salt_size(method) - longest.size(), min_random_salt_size);
    EXPECT_TRUE(make_salt(method, longest, random));
    EXPECT_EQ(make_salt(method, longer, random).error(), errc::prefix_too_long);
  }
}

TEST(Cipher, RefusesSaltsAndKeysOfAnotherSize) {
  const base::byte_vector bytes(24, 1);
  for (const auto method : testing::all_methods) {
    EXPECT_EQ(salt::from_bytes(method, bytes).error(), errc::malformed_salt);
    EXPECT_FALSE(cipher_key::from_bytes(method, bytes));
  }
  const auto short_salt = testing::salt_of(cipher_method::aes_128_gcm, 1);
  EXPECT_EQ(derive_session_key(testing::master_of(cipher_method::aes_256_gcm), short_salt).error(),
            errc::malformed_salt);
}

TEST(Cipher, NamesGoBothWays) {
  for (const auto method : testing::all_methods) {
    EXPECT_EQ(method_from_name(name_of(method)), method);
  }
  EXPECT_EQ(method_from_name("AES-256-GCM"), cipher_method::aes_256_gcm);
  EXPECT_EQ(method_from_name("aes-256-cfb").error(), errc::unknown_method);
}

TEST(ShadowsocksErrors, HaveDistinctLabelsAndSentences) {
  std::set<std::string_view> labels;
  for (const auto& entry : shadowsocks_errors().entries()) {
    labels.insert(entry.label);
    EXPECT_TRUE(entry.sentence.ends_with('.'));
  }
  EXPECT_EQ(labels.size(), static_cast<std::size_t>(errc::engine_unavailable));
}

}
}
