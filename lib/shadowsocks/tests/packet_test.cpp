#include "httvps/shadowsocks/packet.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <rapidcheck/gtest.h>

#include "stream_fixture.hpp"
#include "vector_file.hpp"

namespace httvps::shadowsocks {
namespace {

using testing::bytes_of;
using testing::master_of;
using testing::method_of;
using testing::pattern;
using testing::salt_of;
using testing::text_of;

boost::json::array section(std::string_view name) {
  return testing::read_vectors("shadowsocks_packets.json").at(name).as_array();
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

std::string sha256(base::byte_view bytes) {
  base::byte_vector digest(32);
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return base::to_hex(digest);
}

packet_codec codec_of(aead_engine& engine, const boost::json::value& entry) {
  return {engine, master_of(method_of(entry), text_of(entry, "password"))};
}

base::byte_vector sealed_of(packet_codec codec, const boost::json::value& entry) {
  const auto with = salt::from_bytes(codec.method(), bytes_of(entry, "salt")).value();
  const auto to = encoded_target::from(target_of(entry.at("target"))).value();
  const auto payload = pattern(entry.at("pattern_payload").to_number<std::size_t>());
  base::byte_vector out(codec.sealed_size(to, payload.size()));
  const auto size = codec.seal({.with = with, .to = to, .payload = payload}, out);
  EXPECT_EQ(size, out.size());
  return out;
}

TEST(Packet, SealedPacketsMatchTheVectors) {
  openssl_engine engine;
  for (const auto& entry : section("packets")) {
    const auto sealed = sealed_of(codec_of(engine, entry), entry);
    if (entry.as_object().contains("sealed")) {
      EXPECT_EQ(base::to_hex(sealed), text_of(entry, "sealed"));
    } else {
      EXPECT_EQ(sealed.size(), max_packet_size);
      EXPECT_EQ(sha256(sealed), text_of(entry, "sealed_sha256"));
    }
  }
}

TEST(Packet, SealedPacketsOpenInPlace) {
  openssl_engine engine;
  for (const auto& entry : section("packets")) {
    auto codec = codec_of(engine, entry);
    auto sealed = sealed_of(codec, entry);
    const auto opened = codec.open_in_place(sealed);
    ASSERT_TRUE(opened) << base::label_of(opened.error());
    EXPECT_EQ(opened->from, target_of(entry.at("target")));
    EXPECT_TRUE(std::ranges::equal(opened->payload,
                                   pattern(entry.at("pattern_payload").to_number<std::size_t>())));
  }
}

TEST(Packet, FaultsOfTheVectorsHaveTheirNames) {
  openssl_engine engine;
  for (const auto& entry : section("faults")) {
    auto sealed = bytes_of(entry, "sealed");
    const auto opened = codec_of(engine, entry).open_in_place(sealed);
    ASSERT_FALSE(opened) << text_of(entry, "name");
    EXPECT_EQ(base::label_of(opened.error()), text_of(entry, "error")) << text_of(entry, "name");
  }
}

class PacketOfEachCipher : public ::testing::TestWithParam<cipher_method> {
 protected:
  openssl_engine engine_;
  packet_codec codec_{engine_, master_of(GetParam())};
  encoded_target to_ = encoded_target::from({.host = ipv4_bytes{192, 0, 2, 1}, .port = 53}).value();
};

TEST_P(PacketOfEachCipher, PayloadThatNoDatagramHoldsIsTooLong) {
  const auto with = salt_of(GetParam(), 1);
  const auto most = max_packet_size - packet_overhead(GetParam()) - to_.view().size();
  base::byte_vector out(max_packet_size + 1);
  const base::byte_vector payload(most + 1);
  const auto whole = base::byte_view(payload).first(most);
  EXPECT_EQ(codec_.seal({.with = with, .to = to_, .payload = whole}, out), max_packet_size);
  EXPECT_EQ(codec_.seal({.with = with, .to = to_, .payload = payload}, out).error(),
            errc::packet_too_long);
  EXPECT_EQ(codec_.open_in_place(out).error(), errc::packet_too_long);
}

TEST_P(PacketOfEachCipher, OutputThatIsOneByteShortIsRefused) {
  const auto with = salt_of(GetParam(), 1);
  const auto payload = pattern(100);
  base::byte_vector out(codec_.sealed_size(to_, payload.size()) - 1);
  EXPECT_EQ(codec_.seal({.with = with, .to = to_, .payload = payload}, out).error(),
            errc::output_too_small);
}

TEST_P(PacketOfEachCipher, SaltOfAnotherCipherIsRefused) {
  const auto other = GetParam() == cipher_method::aes_128_gcm ? cipher_method::aes_256_gcm
                                                              : cipher_method::aes_128_gcm;
  base::byte_vector out(max_packet_size);
  EXPECT_EQ(codec_.seal({.with = salt_of(other, 1), .to = to_, .payload = {}}, out).error(),
            errc::malformed_salt);
}

TEST_P(PacketOfEachCipher, AnotherKeyOpensNothing) {
  const auto with = salt_of(GetParam(), 1);
  base::byte_vector out(codec_.sealed_size(to_, 5));
  ASSERT_TRUE(codec_.seal({.with = with, .to = to_, .payload = pattern(5)}, out));
  packet_codec other(engine_, master_of(GetParam(), "another password"));
  EXPECT_EQ(other.open_in_place(out).error(), errc::tag_mismatch);
}

INSTANTIATE_TEST_SUITE_P(EachCipher, PacketOfEachCipher, ::testing::ValuesIn(testing::all_methods),
                         [](const auto& chosen) {
                           auto name = std::string(name_of(chosen.param));
                           std::erase(name, '-');
                           return name;
                         });

RC_GTEST_PROP(Packet, AnyFlippedBitIsNoticed, (base::byte_vector payload, std::uint32_t at)) {
  openssl_engine engine;
  packet_codec codec(engine, master_of(cipher_method::aes_256_gcm));
  const auto with = salt_of(cipher_method::aes_256_gcm, 3);
  const auto to = encoded_target::from({.host = std::string("a"), .port = 1}).value();
  base::byte_vector out(codec.sealed_size(to, payload.size()));
  codec.seal({.with = with, .to = to, .payload = payload}, out).value();
  out[at / 8U % out.size()] ^= static_cast<std::uint8_t>(1U << at % 8U);
  RC_ASSERT((codec.open_in_place(out).error() == errc::tag_mismatch));
}

TEST(DecodeTarget, InvertsTheEncoding) {
  for (const auto& to : {target{.host = ipv4_bytes{192, 0, 2, 1}, .port = 65535},
                         target{.host = ipv6_bytes{0x20, 1, 13}, .port = 1},
                         target{.host = std::string(255, 'n'), .port = 853}}) {
    auto bytes = base::byte_vector();
    const auto encoded = encoded_target::from(to).value();
    base::append(bytes, encoded.view());
    base::append(bytes, pattern(10));
    const auto decoded = decode_target(bytes).value();
    EXPECT_EQ(decoded.to, to);
    EXPECT_EQ(decoded.size, encoded.view().size());
  }
}

TEST(DecodeTarget, EachCutIsMalformed) {
  const auto encoded = encoded_target::from({.host = std::string("name"), .port = 53}).value();
  for (std::size_t size = 0; size < encoded.view().size(); ++size) {
    EXPECT_EQ(decode_target(encoded.view().first(size)).error(), errc::malformed_target);
  }
}

}
}
