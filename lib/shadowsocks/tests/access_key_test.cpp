#include "httvps/shadowsocks/access_key.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "httvps/base/encoding.hpp"
#include "vector_file.hpp"

namespace httvps::shadowsocks {
namespace {

using testing::read_vectors;
using testing::text_of;

access_key expected_key(const boost::json::value& entry) {
  return {
      .method = testing::method_of(entry),
      .password = base::secret_bytes::from_text(text_of(entry, "password")),
      .host = text_of(entry, "host"),
      .port = testing::port_of(entry),
      .prefix = testing::bytes_of(entry, "prefix"),
      .issuer = text_of(entry, "issuer") == "outline" ? key_issuer::outline : key_issuer::unknown,
      .tag = text_of(entry, "tag")};
}

TEST(AccessKey, ReadsEveryFormOfTheVectors) {
  for (const auto& entry : read_vectors("shadowsocks_access_keys.json").at("valid").as_array()) {
    const auto uri = text_of(entry, "uri");
    const auto parsed = parse_access_key(uri);
    ASSERT_TRUE(parsed) << uri << " " << base::label_of(parsed.error());
    EXPECT_TRUE(*parsed == expected_key(entry)) << uri;
  }
}

TEST(AccessKey, WritesTheCanonicalForm) {
  std::size_t compared = 0;
  for (const auto& entry : read_vectors("shadowsocks_access_keys.json").at("valid").as_array()) {
    if (entry.as_object().contains("canonical")) {
      const auto uri = to_uri(expected_key(entry));
      EXPECT_EQ(uri.reveal_text(), text_of(entry, "canonical"));
      ++compared;
    }
  }
  EXPECT_GE(compared, 5U);
}

TEST(AccessKey, RefusesBadKeysWithTheNamedError) {
  for (const auto& entry : read_vectors("shadowsocks_access_keys.json").at("refused").as_array()) {
    const auto uri = text_of(entry, "uri");
    const auto parsed = parse_access_key(uri);
    ASSERT_FALSE(parsed) << uri;
    EXPECT_EQ(base::label_of(parsed.error()), text_of(entry, "error")) << uri;
  }
}

TEST(AccessKey, RefusesLineBreaksAndNulInTheHost) {
  EXPECT_EQ(parse_access_key("ss://aes-128-gcm:x@no\nde:1").error(), errc::malformed_host);
  EXPECT_EQ(parse_access_key(std::string_view("ss://aes-128-gcm:x@[::1\0]:1", 27)).error(),
            errc::malformed_host);
}

rc::Gen<std::string> names() {
  return rc::gen::nonEmpty(rc::gen::container<std::string>(
      rc::gen::elementOf(std::string("abcdefghijklmnopqrstuvwxyz0123456789-_"))));
}

RC_GTEST_PROP(AccessKey, SurvivesWritingAndReading, ()) {
  access_key key;
  key.method = static_cast<cipher_method>(*rc::gen::inRange(0, 3));
  const auto password = *rc::gen::nonEmpty<base::byte_vector>();
  key.password = base::secret_bytes(base::byte_view(password));
  key.host = (*names()).substr(0, 63);
  key.port = *rc::gen::inRange<std::uint16_t>(1, 65535);
  key.prefix = *rc::gen::resize(static_cast<int>(prefix_limit(key.method)),
                                rc::gen::arbitrary<base::byte_vector>());
  RC_PRE(key.prefix.size() <= prefix_limit(key.method));
  key.issuer = *rc::gen::element(key_issuer::unknown, key_issuer::outline);
  key.tag = *names();
  const auto parsed = parse_access_key(to_uri(key).reveal_text());
  RC_ASSERT(parsed.has_value());
  RC_ASSERT((*parsed == key));
}

RC_GTEST_PROP(AccessKey, AnyTextGivesAKeyOrANamedError, (const std::string& text)) {
  const auto parsed = parse_access_key("ss://" + text);
  RC_ASSERT((parsed || &parsed.error().category() == &shadowsocks_errors()));
}

}
}
