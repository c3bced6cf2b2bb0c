#include "httvps/node/keys/services_file.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace httvps::node {
namespace {

node_key make_key(std::string id, std::string_view secret) {
  return {.id = std::move(id), .secret = base::secret_bytes::from_text(secret)};
}

const std::vector<std::string> one_place = {"[::]:9000"};

std::string yaml_of(const services_file& file) {
  return std::string(to_yaml(file).reveal_text());
}

TEST(ServicesFile, ListsListenersAndKeys) {
  std::vector<node_key> keys = {make_key("key_a", "first secret"),
                                make_key("key_b", "second secret")};
  keys[1].method = shadowsocks::cipher_method::aes_256_gcm;
  EXPECT_EQ(yaml_of({.listen = one_place, .keys = keys}),
            "services:\n"
            "  - listeners:\n"
            "      - type: tcp\n"
            "        address: \"[::]:9000\"\n"
            "      - type: udp\n"
            "        address: \"[::]:9000\"\n"
            "    keys:\n"
            "      - id: \"key_a\"\n"
            "        cipher: chacha20-ietf-poly1305\n"
            "        secret: \"first secret\"\n"
            "      - id: \"key_b\"\n"
            "        cipher: aes-256-gcm\n"
            "        secret: \"second secret\"\n");
}

TEST(ServicesFile, EscapesWhatEndsAQuotedText) {
  const std::vector<node_key> keys = {make_key("k", R"(a"b\c: #{}[])")};
  EXPECT_NE(yaml_of({.listen = one_place, .keys = keys}).find(R"(secret: "a\"b\\c: #{}[]")"),
            std::string::npos);
}

TEST(ServicesFile, HasAnEmptyListWhenThereIsNoKey) {
  const auto text = yaml_of({.listen = one_place, .listed = 3});
  EXPECT_TRUE(text.ends_with("    keys: []\n")) << text;
}

TEST(ServicesFile, RepeatsTheLastKeyUntilTheCountIsReached) {
  const std::vector<node_key> keys = {make_key("key_a", "first secret"),
                                      make_key("key_b", "second secret")};
  const auto text = yaml_of({.listen = one_place, .keys = keys, .listed = 3});
  const auto first = text.find("key_b");
  const auto second = text.find("key_b", first + 1);
  EXPECT_NE(second, std::string::npos);
  EXPECT_EQ(text.find("key_b", second + 1), std::string::npos);
}

TEST(ServicesFile, CountsDifferFromWhatIsLoaded) {
  const std::vector<std::size_t> taken = {5, 4, 0};
  EXPECT_EQ(count_to_list(3, taken), 3U);
  EXPECT_EQ(count_to_list(4, taken), 6U);
  EXPECT_EQ(count_to_list(5, taken), 6U);
  EXPECT_EQ(count_to_list(0, taken), 0U);
  EXPECT_EQ(count_to_list(4, {}), 4U);
}

}
}
