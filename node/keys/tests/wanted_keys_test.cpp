#include "httvps/node/keys/wanted_keys.hpp"

#include <gtest/gtest.h>

#include "httvps/node/keys/errc.hpp"

namespace httvps::node {
namespace {

node_key make_key(std::string id, std::string_view secret) {
  return {.id = std::move(id), .secret = base::secret_bytes::from_text(secret)};
}

TEST(WantedKeys, AcceptsKeysThatDiffer) {
  const wanted_keys wanted{
      .keys = {make_key("key_a", "first secret"), make_key("key_b", "second")}};
  EXPECT_FALSE(check(wanted).has_value());
  const wanted_keys longer{
      .keys = {make_key("key_a", "first secret"), make_key("key_b", "second secret")}};
  EXPECT_TRUE(check(longer).has_value());
}

TEST(WantedKeys, RefusesIdsThatWouldBreakTheFile) {
  for (const auto* id : {"", "a b", "a\"b", "a\nb", "a:b", "\xc3\xa4"}) {
    EXPECT_EQ(check({.keys = {make_key(id, "long enough")}}).error(), keys_errc::key_id_invalid)
        << id;
  }
  EXPECT_TRUE(is_key_id(std::string(key_id_most, 'x')));
  EXPECT_FALSE(is_key_id(std::string(key_id_most + 1, 'x')));
}

TEST(WantedKeys, RefusesSecretsOutsideTheBounds) {
  EXPECT_FALSE(is_key_secret(std::string(key_secret_least - 1, 'x')));
  EXPECT_TRUE(is_key_secret(std::string(key_secret_least, 'x')));
  EXPECT_TRUE(is_key_secret(std::string(key_secret_most, 'x')));
  EXPECT_FALSE(is_key_secret(std::string(key_secret_most + 1, 'x')));
  EXPECT_FALSE(is_key_secret("line\nbreak in it"));
  EXPECT_FALSE(is_key_secret("not ascii \xc3\xa4"));
}

TEST(WantedKeys, RefusesTheSameIdOrSecretTwice) {
  EXPECT_EQ(
      check({.keys = {make_key("a", "first secret"), make_key("a", "second secret")}}).error(),
      keys_errc::key_repeated);
  EXPECT_EQ(check({.keys = {make_key("a", "same secret"), make_key("b", "same secret")}}).error(),
            keys_errc::key_repeated);
}

TEST(WantedKeys, RefusesMoreKeysThanTheLimit) {
  wanted_keys wanted;
  for (std::size_t index = 0; index <= keys_most; ++index) {
    const auto number = std::to_string(index);
    wanted.keys.push_back(make_key("key" + number, "secret number " + number));
  }
  EXPECT_EQ(check(wanted).error(), keys_errc::too_many_keys);
  wanted.keys.pop_back();
  EXPECT_TRUE(check(wanted).has_value());
}

TEST(WantedKeys, KnowsWhichIdsAreWanted) {
  const wanted_keys wanted{.keys = {make_key("key_a", "first secret")}};
  EXPECT_TRUE(is_wanted(wanted, "key_a"));
  EXPECT_FALSE(is_wanted(wanted, "key_b"));
}

}
}
