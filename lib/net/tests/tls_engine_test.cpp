#include "httvps/net/tls_engine.hpp"

#include <gtest/gtest.h>

#include "engine_pair.hpp"
#include "httvps/base/random.hpp"
#include "httvps/net/error.hpp"
#include "test_certificate.hpp"
#include "tls_1_2_client.hpp"

namespace httvps::net {
namespace {

using testing::engine_pair;
using testing::make_pair;
using testing::test_certificate;

constexpr std::size_t record_payload = 16384;
constexpr std::size_t record_overhead = 22;

base::byte_vector random_bytes(std::size_t size) {
  base::byte_vector bytes(size);
  base::seeded_random(size).fill(bytes);
  return bytes;
}

engine_pair connected_pair(const test_certificate& certificate) {
  auto pair = make_pair(certificate.pinned_client_context(), certificate.server_context(),
                        {.server_name = "gateway.test"});
  EXPECT_TRUE(pair.shake_hands());
  return pair;
}

TEST(TlsEngine, HandshakeWithThePinnedKeyNegotiatesTls13AndHttp11) {
  const test_certificate certificate("gateway.test");
  const auto pair = connected_pair(certificate);
  EXPECT_EQ(pair.client.version(), tls_version::tls_1_3);
  EXPECT_EQ(pair.server.version(), tls_version::tls_1_3);
  EXPECT_EQ(pair.server.alpn(), "http/1.1");
  EXPECT_EQ(pair.client.alpn(), "http/1.1");
  EXPECT_EQ(pair.client.cipher(), "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(pair.client.peer_spki(), certificate.pin());
  EXPECT_FALSE(pair.client.is_resumed());
}

TEST(TlsEngine, BothEndsDeriveTheSameChannelBindingAndOtherConnectionsAnotherOne) {
  const test_certificate certificate("gateway.test");
  const auto first = connected_pair(certificate);
  const auto second = connected_pair(certificate);
  ASSERT_TRUE(first.client.channel_binding());
  EXPECT_EQ(first.client.channel_binding(), first.server.channel_binding());
  EXPECT_NE(*first.client.channel_binding(), *second.client.channel_binding());
}

TEST(TlsEngine, ThereIsNoChannelBindingBeforeTheHandshake) {
  const test_certificate certificate("gateway.test");
  const auto pair = make_pair(certificate.pinned_client_context(), certificate.server_context(),
                              {.server_name = "gateway.test"});
  EXPECT_EQ(pair.client.channel_binding().error(), errc::tls_exporter_unavailable);
}

TEST(TlsEngine, ThereIsNoChannelBindingOverTls12) {
  const test_certificate certificate("gateway.test");
  auto server = tls_engine::make_server(certificate.server_context());
  ASSERT_TRUE(server);
  testing::tls_1_2_client client;
  ASSERT_TRUE(client.shake_hands_with(*server));
  EXPECT_EQ(server->version(), tls_version::tls_1_2);
  EXPECT_EQ(server->channel_binding().error(), errc::tls_exporter_unavailable);
}

TEST(TlsEngine, Tls12IsSpokenAsAWebServerDoesButBindsNoChannel) {
  const test_certificate certificate("gateway.test");
  const auto client =
      tls_context::make_client({.pins = {certificate.pin()}, .newest = tls_version::tls_1_2});
  ASSERT_TRUE(client);
  auto pair = make_pair(*client, certificate.server_context(), {.server_name = "gateway.test"});
  ASSERT_TRUE(pair.shake_hands());
  EXPECT_EQ(pair.server.version(), tls_version::tls_1_2);
  EXPECT_EQ(pair.server.channel_binding().error(), errc::tls_exporter_unavailable);
  const auto sent = random_bytes(100'000);
  ASSERT_TRUE(pair.client.write(sent, pair.to_server));
  EXPECT_EQ(pair.move_to_server(7000), sent);
}

TEST(TlsEngine, LargeWritesBecomeFullRecordsAndArriveWhole) {
  const test_certificate certificate("gateway.test");
  auto pair = connected_pair(certificate);
  const auto sent = random_bytes(64 * record_payload);
  pair.to_server.clear();
  ASSERT_TRUE(pair.client.write(sent, pair.to_server));
  EXPECT_EQ(pair.to_server.size(), 64 * (record_payload + record_overhead));
  EXPECT_EQ(pair.move_to_server(128 * 1024), sent);
}

class TlsEngineChunks : public ::testing::TestWithParam<std::size_t> {};

TEST_P(TlsEngineChunks, CiphertextInPiecesIsAlwaysConsumedWhole) {
  const test_certificate certificate("gateway.test");
  auto pair = connected_pair(certificate);
  const auto sent = random_bytes(100'000);
  ASSERT_TRUE(pair.server.write(sent, pair.to_client));
  EXPECT_EQ(pair.move_to_client(GetParam()), sent);
}

INSTANTIATE_TEST_SUITE_P(Sizes, TlsEngineChunks,
                         ::testing::Values(1, 5, 13, 1000, 16384, 16406, 40000));

TEST(TlsEngine, AnotherKeyThanThePinnedOneIsAPinMismatch) {
  const test_certificate pinned("gateway.test");
  const test_certificate other("gateway.test");
  auto pair = make_pair(pinned.pinned_client_context(), other.server_context(),
                        {.server_name = "gateway.test"});
  EXPECT_FALSE(pair.shake_hands());
  EXPECT_EQ(pair.client_failure, errc::certificate_pin_mismatch);
  EXPECT_EQ(pair.server_failure, errc::tls_handshake_failed);
}

TEST(TlsEngine, ThePinnedKeyUnderAnotherNameIsANameMismatch) {
  const test_certificate certificate("gateway.test");
  auto pair = make_pair(certificate.pinned_client_context(), certificate.server_context(),
                        {.server_name = "other.test"});
  EXPECT_FALSE(pair.shake_hands());
  EXPECT_EQ(pair.client_failure, errc::certificate_name_mismatch);
}

TEST(TlsEngine, APinnedLeafIsAcceptedUnderAnyName) {
  const test_certificate certificate("gateway.test");
  const auto digest = digest_of_certificate_file(certificate.chain_file());
  ASSERT_TRUE(digest);
  const auto client = tls_context::make_client({.leaf_pins = {*digest}});
  ASSERT_TRUE(client);
  for (const auto* name : {"gateway.test", "other.test", "127.0.0.1"}) {
    auto pair = make_pair(*client, certificate.server_context(), {.server_name = name});
    EXPECT_TRUE(pair.shake_hands()) << name;
  }
}

TEST(TlsEngine, AnotherLeafThanThePinnedOneIsAPinMismatch) {
  const test_certificate pinned("gateway.test");
  const test_certificate other("gateway.test");
  const auto client = tls_context::make_client(
      {.pins = {other.pin()},
       .leaf_pins = {digest_of_certificate_file(pinned.chain_file()).value()}});
  ASSERT_TRUE(client);
  auto pair = make_pair(*client, other.server_context(), {.server_name = "gateway.test"});
  EXPECT_FALSE(pair.shake_hands());
  EXPECT_EQ(pair.client_failure, errc::certificate_pin_mismatch);
}

TEST(TlsEngine, TheDigestOfALeafIsNotThatOfItsKey) {
  const test_certificate certificate("gateway.test");
  EXPECT_NE(digest_of_certificate_file(certificate.chain_file()).value(), certificate.pin());
  EXPECT_EQ(digest_of_certificate_file("/none").error(), errc::certificate_unreadable);
}

TEST(TlsEngine, AuthorityFileAcceptsItsOwnCertificateAndChecksTheName) {
  const test_certificate certificate("gateway.test");
  auto good = make_pair(certificate.trusting_client_context(), certificate.server_context(),
                        {.server_name = "gateway.test"});
  EXPECT_TRUE(good.shake_hands());
  auto bad = make_pair(certificate.trusting_client_context(), certificate.server_context(),
                       {.server_name = "other.test"});
  EXPECT_FALSE(bad.shake_hands());
  EXPECT_EQ(bad.client_failure, errc::certificate_name_mismatch);
}

TEST(TlsEngine, UnknownAuthorityIsACertificateFailure) {
  const test_certificate trusted("gateway.test");
  const test_certificate other("gateway.test");
  auto pair = make_pair(trusted.trusting_client_context(), other.server_context(),
                        {.server_name = "gateway.test"});
  EXPECT_FALSE(pair.shake_hands());
  EXPECT_EQ(pair.client_failure, errc::certificate_invalid);
}

TEST(TlsEngine, AddressesAreCheckedAsAddresses) {
  const test_certificate certificate("127.0.0.1");
  auto good = make_pair(certificate.pinned_client_context(), certificate.server_context(),
                        {.server_name = "127.0.0.1"});
  EXPECT_TRUE(good.shake_hands());
  auto bad = make_pair(certificate.pinned_client_context(), certificate.server_context(),
                       {.server_name = "127.0.0.2"});
  EXPECT_FALSE(bad.shake_hands());
}

TEST(TlsEngine, TheTicketResumesAndStillBindsTheChannel) {
  const test_certificate certificate("gateway.test");
  const auto client = certificate.pinned_client_context();
  const auto server = certificate.server_context();
  auto first = make_pair(client, server, {.server_name = "gateway.test"});
  ASSERT_TRUE(first.shake_hands());
  ASSERT_TRUE(first.server.write(random_bytes(10), first.to_client));
  EXPECT_EQ(first.move_to_client(4096).size(), 10U);
  auto tickets = first.client.take_tickets();
  ASSERT_EQ(tickets.size(), 2U);
  EXPECT_TRUE(first.client.take_tickets().empty());
  auto second = make_pair(client, server, {.server_name = "gateway.test", .ticket = tickets[0]});
  ASSERT_TRUE(second.shake_hands());
  EXPECT_TRUE(second.client.is_resumed());
  EXPECT_TRUE(second.server.is_resumed());
  EXPECT_EQ(second.client.channel_binding(), second.server.channel_binding());
}

TEST(TlsEngine, TicketOfAConnectionThatWasCutStillResumes) {
  const test_certificate certificate("gateway.test");
  const auto client = certificate.pinned_client_context();
  const auto server = certificate.server_context();
  tls_ticket ticket;
  {
    auto cut = make_pair(client, server, {.server_name = "gateway.test"});
    ASSERT_TRUE(cut.shake_hands());
    ASSERT_TRUE(cut.server.write(random_bytes(10), cut.to_client));
    cut.move_to_client(4096);
    ticket = cut.client.take_tickets().at(0);
  }
  auto second = make_pair(client, server, {.server_name = "gateway.test", .ticket = ticket});
  ASSERT_TRUE(second.shake_hands());
  EXPECT_TRUE(second.client.is_resumed());
}

TEST(TlsEngine, AResumedSessionIsHeldToTheNewPins) {
  const test_certificate certificate("gateway.test");
  const test_certificate other("gateway.test");
  const auto server = certificate.server_context();
  auto first =
      make_pair(certificate.pinned_client_context(), server, {.server_name = "gateway.test"});
  ASSERT_TRUE(first.shake_hands());
  ASSERT_TRUE(first.server.write(random_bytes(10), first.to_client));
  first.move_to_client(4096);
  auto second =
      make_pair(other.pinned_client_context(), server,
                {.server_name = "gateway.test", .ticket = first.client.take_tickets().at(0)});
  EXPECT_FALSE(second.shake_hands());
  EXPECT_EQ(second.client_failure, errc::certificate_pin_mismatch);
}

TEST(TlsEngine, GarbageInsteadOfAClientHelloFailsTheHandshake) {
  const test_certificate certificate("gateway.test");
  auto server = tls_engine::make_server(certificate.server_context());
  ASSERT_TRUE(server);
  const auto garbage = random_bytes(512);
  base::byte_view input = garbage;
  ciphertext_buffer output;
  EXPECT_EQ(server->handshake(input, output).error(), errc::tls_handshake_failed);
  EXPECT_EQ(server->handshake(input, output).error(), errc::tls_handshake_failed);
}

TEST(TlsEngine, AFlippedBitInARecordIsAProtocolError) {
  const test_certificate certificate("gateway.test");
  auto pair = connected_pair(certificate);
  pair.to_server.clear();
  ASSERT_TRUE(pair.client.write(random_bytes(100), pair.to_server));
  base::byte_vector broken(pair.to_server.view().begin(), pair.to_server.view().end());
  broken[broken.size() / 2] ^= 1U;
  base::byte_view input = broken;
  base::byte_vector space(1024);
  EXPECT_EQ(pair.server.read(input, space, pair.to_client).error(), errc::tls_protocol_error);
  EXPECT_EQ(pair.server.write(broken, pair.to_client).error(), errc::tls_protocol_error);
}

TEST(TlsEngine, CloseNotifyReadsAsAClosedConnection) {
  const test_certificate certificate("gateway.test");
  auto pair = connected_pair(certificate);
  pair.to_server.clear();
  pair.client.close(pair.to_server);
  auto input = pair.to_server.view();
  base::byte_vector space(1024);
  EXPECT_EQ(pair.server.read(input, space, pair.to_client).error(), errc::connection_closed);
}

TEST(TlsEngine, AClientWithoutACommonAlpnNameIsRefused) {
  const test_certificate certificate("gateway.test");
  const auto client = tls_context::make_client({.pins = {certificate.pin()}, .alpn = {"smtp"}});
  ASSERT_TRUE(client);
  auto pair = make_pair(*client, certificate.server_context(), {.server_name = "gateway.test"});
  EXPECT_FALSE(pair.shake_hands());
  EXPECT_EQ(pair.server_failure, errc::tls_handshake_failed);
}

TEST(TlsContext, MissingFilesAreUnreadableCertificates) {
  EXPECT_EQ(tls_context::make_server(
                {.certificate_chain_file = "/nonexistent", .private_key_file = "/nonexistent"})
                .error(),
            errc::certificate_unreadable);
  EXPECT_EQ(tls_context::make_client({.authority_file = "/nonexistent"}).error(),
            errc::certificate_unreadable);
  EXPECT_EQ(spki_digest_of_certificate_file("/nonexistent").error(), errc::certificate_unreadable);
}

TEST(TlsContext, PinOfAKeyIsThePinOfItsCertificate) {
  const test_certificate certificate("gateway.test");
  EXPECT_EQ(spki_digest_of_key_file(certificate.key_file()), certificate.pin());
  EXPECT_EQ(spki_digest_of_key_file(certificate.public_key_file()), certificate.pin());
  EXPECT_NE(spki_digest_of_key_file(certificate.key_file()),
            test_certificate("gateway.test").pin());
}

TEST(TlsContext, FileWithoutAKeyHasNoPin) {
  const test_certificate certificate("gateway.test");
  for (const std::string& path : {std::string("/nonexistent"), certificate.chain_file()}) {
    EXPECT_EQ(spki_digest_of_key_file(path).error(), errc::certificate_unreadable) << path;
  }
}

TEST(TlsContext, AKeyOfAnotherCertificateIsRefused) {
  const test_certificate first("gateway.test");
  const test_certificate second("gateway.test");
  EXPECT_EQ(tls_context::make_server({.certificate_chain_file = first.chain_file(),
                                      .private_key_file = second.key_file()})
                .error(),
            errc::certificate_unreadable);
}

}
}
