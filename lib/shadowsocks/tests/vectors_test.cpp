#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "httvps/shadowsocks/engine_choice.hpp"
#include "httvps/shadowsocks/target.hpp"
#include "stream_fixture.hpp"
#include "vector_file.hpp"

namespace httvps::shadowsocks {
namespace {

using testing::bytes_of;
using testing::method_of;
using testing::text_of;

boost::json::array section(std::string_view name) {
  return testing::read_vectors("shadowsocks.json").at(name).as_array();
}

std::vector<base::byte_vector> chunks_of(const boost::json::object& entry) {
  std::vector<base::byte_vector> chunks;
  if (const auto* sizes = entry.if_contains("pattern_chunks")) {
    for (const auto& size : sizes->as_array()) {
      chunks.push_back(testing::pattern(size.to_number<std::size_t>()));
    }
    return chunks;
  }
  for (const auto& chunk : entry.at("chunks").as_array()) {
    chunks.push_back(base::from_hex(std::string_view(chunk.as_string())).value());
  }
  return chunks;
}

base::byte_vector sha256(base::byte_view bytes) {
  base::byte_vector digest(32);
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return digest;
}

base::byte_vector sealed_of(aead_engine& engine, const boost::json::value& entry) {
  const auto method = method_of(entry);
  const auto with = salt::from_bytes(method, bytes_of(entry, "salt")).value();
  const auto master = testing::master_of(method, text_of(entry, "password"));
  auto encryptor = stream_encryptor::start(engine, master, with).value();
  return testing::seal_chunks(encryptor, chunks_of(entry.as_object()));
}

target target_of(const boost::json::value& entry) {
  target to{.host = {}, .port = testing::port_of(entry)};
  if (entry.as_object().contains("domain")) {
    to.host = text_of(entry, "domain");
    return to;
  }
  const auto bytes = bytes_of(entry, "bytes");
  if (bytes.size() == 4) {
    base::copy_bytes(to.host.emplace<ipv4_bytes>(), bytes);
  } else {
    base::copy_bytes(to.host.emplace<ipv6_bytes>(), bytes);
  }
  return to;
}

TEST(Vectors, MasterKeysMatch) {
  for (const auto& entry : section("master_keys")) {
    const auto key = testing::master_of(method_of(entry), text_of(entry, "password"));
    EXPECT_EQ(base::to_hex(key.reveal()), text_of(entry, "key"));
  }
}

TEST(Vectors, SessionKeysMatch) {
  for (const auto& entry : section("session_keys")) {
    const auto method = method_of(entry);
    const auto master = cipher_key::from_bytes(method, bytes_of(entry, "master")).value();
    const auto with = salt::from_bytes(method, bytes_of(entry, "salt")).value();
    EXPECT_EQ(base::to_hex(derive_session_key(master, with).value().reveal()),
              text_of(entry, "key"));
  }
}

TEST(Vectors, SealedStreamsMatch) {
  for (const auto choice : {engine_choice::openssl, engine_choice::automatic}) {
    const auto running = make_engine(choice).value();
    for (const auto& entry : section("streams")) {
      const auto sealed = sealed_of(*running.engine, entry);
      if (entry.as_object().contains("sealed")) {
        EXPECT_EQ(base::to_hex(sealed), text_of(entry, "sealed")) << running.name;
      } else {
        EXPECT_EQ(base::to_hex(sha256(sealed)), text_of(entry, "sealed_sha256")) << running.name;
      }
    }
  }
}

TEST(Vectors, SealedStreamsOpen) {
  openssl_engine engine;
  for (const auto& entry : section("streams")) {
    const auto method = method_of(entry);
    stream_decryptor decryptor(engine, testing::master_of(method, text_of(entry, "password")),
                               testing::salt_of(method, 5));
    base::byte_vector wanted;
    for (const auto& chunk : chunks_of(entry.as_object())) {
      base::append(wanted, chunk);
    }
    EXPECT_EQ(testing::open_in_pieces(decryptor, sealed_of(engine, entry), 4096), wanted);
  }
}

TEST(Vectors, TargetsMatch) {
  for (const auto& entry : section("targets")) {
    const auto encoded = encoded_target::from(target_of(entry)).value();
    EXPECT_EQ(base::to_hex(encoded.view()), text_of(entry, "encoded"));
  }
}

}
}
