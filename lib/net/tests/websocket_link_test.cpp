#include "httvps/net/websocket_link.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "httvps/base/random.hpp"
#include "httvps/net/scope.hpp"
#include "link_talk.hpp"
#include "run_loop.hpp"
#include "stream_pair.hpp"

namespace httvps::net {
namespace {

using testing::connect_links;
using testing::connect_tls_pair;
using testing::keep;
using testing::receive_up_to;
using testing::run_loop;
using testing::send_everything;
using testing::sending;
using testing::soon;
using testing::test_certificate;

base::byte_vector random_bytes(std::size_t size) {
  base::byte_vector bytes(size);
  base::seeded_random(size + 1).fill(bytes);
  return bytes;
}

asio::awaitable<void> transfer_both_ways(const test_certificate* certificate, std::size_t size,
                                         std::size_t step) {
  auto links = co_await connect_links(certificate);
  EXPECT_TRUE(links);
  const auto up = random_bytes(size);
  const auto down = random_bytes(size + 1);
  base::byte_vector got_up;
  base::byte_vector got_down;
  base::result<> outcomes[4];
  scope background(co_await asio::this_coro::executor);
  EXPECT_TRUE(background.spawn(keep(send_everything(&links->client, up, step), &outcomes[0])));
  EXPECT_TRUE(background.spawn(keep(send_everything(&links->server, down, step), &outcomes[1])));
  EXPECT_TRUE(
      background.spawn(keep(receive_up_to(&links->server, &got_up, up.size()), &outcomes[2])));
  EXPECT_TRUE(
      background.spawn(keep(receive_up_to(&links->client, &got_down, down.size()), &outcomes[3])));
  EXPECT_TRUE(co_await background.join(soon()));
  for (const auto& outcome : outcomes) {
    EXPECT_TRUE(outcome);
  }
  EXPECT_TRUE(got_up == up);
  EXPECT_TRUE(got_down == down);
}

struct transfer_shape {
  std::size_t size;
  std::size_t step;
};

class WebsocketLinkTransfer : public ::testing::TestWithParam<transfer_shape> {};

TEST_P(WebsocketLinkTransfer, CarriesTheSameBytesBothWays) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(transfer_both_ways(&certificate, GetParam().size, GetParam().step));
}

INSTANTIATE_TEST_SUITE_P(Shapes, WebsocketLinkTransfer,
                         ::testing::Values(transfer_shape{1, 0}, transfer_shape{125, 1},
                                           transfer_shape{70'000, 126},
                                           transfer_shape{300'000, 16'325},
                                           transfer_shape{16'000'000, 0}));

asio::awaitable<void> records_are_full(const test_certificate* certificate) {
  auto links = co_await connect_links(certificate);
  links->server.stream().note_taken_whole();
  links->server.stream().note_taken_whole();
  const auto before = links->server.ciphertext_traffic().sent;
  const auto bytes = random_bytes(65'532UL * 2);
  sending source = {.left = bytes};
  EXPECT_EQ(links->server.send(source), send_state::drained);
  const auto spent = links->server.ciphertext_traffic().sent - before;
  EXPECT_EQ(spent, 8 * (16'384 + 22));
  EXPECT_EQ(source.calls, 3U);
}

TEST(WebsocketLink, BulkMessagesFillTlsRecordsExactly) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(records_are_full(&certificate));
}

asio::awaitable<void> records_span_messages(const test_certificate* certificate) {
  auto links = co_await connect_links(certificate);
  const auto before = links->server.ciphertext_traffic().sent;
  const auto bytes = random_bytes(10'000);
  sending source = {.left = bytes, .step = 1000};
  EXPECT_EQ(links->server.send(source), send_state::drained);
  const auto spent = links->server.ciphertext_traffic().sent - before;
  EXPECT_EQ(spent, 10'000 + 10 * 4 + 22);
}

TEST(WebsocketLink, SeveralMessagesShareOneRecord) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(records_span_messages(&certificate));
}

asio::awaitable<void> blocked_send_keeps_the_rest(const test_certificate* certificate) {
  auto links = co_await connect_links(certificate);
  const auto bytes = random_bytes(32'000'000);
  sending source = {.left = bytes};
  auto state = base::result<send_state>(send_state::has_more);
  while (state == send_state::has_more) {
    state = links->client.send(source);
  }
  EXPECT_EQ(state, send_state::blocked);
  EXPECT_TRUE(links->client.has_backlog());
  const auto calls = source.calls;
  EXPECT_EQ(links->client.send(source), send_state::blocked);
  EXPECT_EQ(source.calls, calls);
  const auto accepted = bytes.size() - source.left.size();
  base::byte_vector got;
  scope background(co_await asio::this_coro::executor);
  base::result<> received;
  EXPECT_TRUE(background.spawn(keep(receive_up_to(&links->server, &got, accepted), &received)));
  while (links->client.has_backlog()) {
    EXPECT_TRUE(co_await links->client.wait_writable(soon()));
    sending nothing;
    EXPECT_TRUE(links->client.send(nothing));
  }
  EXPECT_TRUE(co_await background.join(soon()));
  EXPECT_TRUE(received);
  EXPECT_TRUE(std::ranges::equal(got, base::byte_view(bytes).first(accepted)));
}

TEST(WebsocketLink, ABlockedSocketStopsTheSourceAndLosesNothing) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(blocked_send_keeps_the_rest(&certificate));
}

asio::awaitable<void> slow_reader_times_out(const test_certificate* certificate) {
  auto links = co_await connect_links(certificate);
  const auto bytes = random_bytes(32'000'000);
  sending source = {.left = bytes};
  auto state = base::result<send_state>(send_state::has_more);
  while (state == send_state::has_more) {
    state = links->client.send(source);
  }
  const auto waited =
      co_await links->client.wait_writable(deadline_after(std::chrono::milliseconds(20)));
  EXPECT_EQ(waited.error(), errc::timed_out);
}

TEST(WebsocketLink, WaitingForASlowPeerHasADeadline) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(slow_reader_times_out(&certificate));
}

asio::awaitable<void> ping_is_answered(const test_certificate* certificate) {
  auto links = co_await connect_links(certificate);
  EXPECT_TRUE(links->client.ping(base::as_bytes("beat")));
  auto ignore = [](base::byte_view) {};
  EXPECT_TRUE(co_await links->server.wait_readable(soon()));
  const auto before = links->server.ciphertext_traffic().sent;
  EXPECT_EQ(links->server.receive(ignore), link_state::open);
  EXPECT_EQ(links->server.ciphertext_traffic().sent - before, 2 + 4 + 22);
  EXPECT_TRUE(co_await links->client.wait_readable(soon()));
  EXPECT_EQ(links->client.receive(ignore), link_state::open);
}

TEST(WebsocketLink, APingIsAnsweredWithItsPayload) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(ping_is_answered(&certificate));
}

task<> receive_until_closed(websocket_link* link) {
  auto ignore = [](base::byte_view) {};
  while (true) {
    HTTVPS_CO_CHECK(co_await link->wait_readable(soon()));
    HTTVPS_CO_TRY(const link_state state, link->receive(ignore));
    if (state == link_state::closed) {
      co_return base::result<>();
    }
  }
}

asio::awaitable<void> close_is_answered(const test_certificate* certificate) {
  auto links = co_await connect_links(certificate);
  scope background(co_await asio::this_coro::executor);
  base::result<> closed;
  EXPECT_TRUE(background.spawn(keep(links->client.close(1001, soon()), &closed)));
  EXPECT_TRUE(co_await receive_until_closed(&links->server));
  EXPECT_EQ(links->server.peer_close_code(), 1001);
  sending nothing;
  EXPECT_EQ(links->server.send(nothing).error(), errc::connection_closed);
  EXPECT_TRUE(co_await links->server.close(1001, soon()));
  EXPECT_TRUE(co_await background.join(soon()));
  EXPECT_TRUE(closed);
}

TEST(WebsocketLink, CloseCarriesItsCodeAndEndsSending) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(close_is_answered(&certificate));
}

task<base::error> failure_after_raw_bytes(const test_certificate* certificate,
                                          base::byte_vector raw) {
  HTTVPS_CO_TRY(testing::tls_pair streams, co_await connect_tls_pair(certificate));
  const websocket_link_options chosen = {.role = websocket_role::server, .message_limit = 1000};
  websocket_link server(std::move(streams.server), {}, chosen);
  HTTVPS_CO_CHECK(co_await streams.client.write_all(raw, soon()));
  const auto outcome = co_await receive_until_closed(&server);
  base::byte_vector answer(64);
  HTTVPS_CO_TRY(const std::size_t count, co_await streams.client.read_some(answer, soon()));
  EXPECT_GE(count, 4U);
  EXPECT_EQ(answer[0], 0x88);
  co_return outcome ? base::error() : outcome.error();
}

asio::awaitable<void> bad_frames_close(const test_certificate* certificate) {
  const base::byte_vector unmasked = {0x82, 0x01, 0x00};
  EXPECT_EQ(co_await failure_after_raw_bytes(certificate, unmasked),
            base::error(errc::websocket_mask_missing));
  const base::byte_vector oversize = {0x82, 0xfe, 0x03, 0xe9, 1, 2, 3, 4};
  EXPECT_EQ(co_await failure_after_raw_bytes(certificate, oversize),
            base::error(errc::websocket_message_too_large));
  const base::byte_vector text = {0x81, 0x81, 1, 2, 3, 4, 5};
  EXPECT_EQ(co_await failure_after_raw_bytes(certificate, text),
            base::error(errc::websocket_text_refused));
}

TEST(WebsocketLink, AForbiddenFrameIsAnsweredWithACloseFrameAndNamed) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(bad_frames_close(&certificate));
}

asio::awaitable<void> cut_connection(const test_certificate* certificate) {
  auto links = co_await connect_links(certificate);
  EXPECT_TRUE(links->client.socket().shutdown_write());
  auto ignore = [](base::byte_view) {};
  EXPECT_TRUE(co_await links->server.wait_readable(soon()));
  EXPECT_EQ(links->server.receive(ignore).error(), errc::tls_truncated);
}

TEST(WebsocketLink, AnEndWithoutTheTlsAlertIsTruncation) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(cut_connection(&certificate));
}

asio::awaitable<void> garbage_records(const test_certificate* certificate) {
  auto links = co_await connect_links(certificate);
  const auto garbage = random_bytes(500);
  EXPECT_TRUE(co_await links->client.socket().write_all(garbage, soon()));
  auto ignore = [](base::byte_view) {};
  EXPECT_TRUE(co_await links->server.wait_readable(soon()));
  EXPECT_EQ(links->server.receive(ignore).error(), errc::tls_protocol_error);
}

TEST(WebsocketLink, GarbageBetweenRecordsIsAProtocolError) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(garbage_records(&certificate));
}

asio::awaitable<void> sink_may_send(const test_certificate* certificate) {
  auto links = co_await connect_links(certificate);
  const auto bytes = random_bytes(50'000);
  EXPECT_TRUE(co_await send_everything(&links->client, bytes, 0));
  base::byte_vector echoed;
  std::size_t seen = 0;
  auto echo = [&](base::byte_view piece) {
    seen += piece.size();
    sending source = {.left = piece};
    EXPECT_EQ(links->server.send(source), send_state::drained);
  };
  while (seen < bytes.size()) {
    EXPECT_TRUE(co_await links->server.wait_readable(soon()));
    EXPECT_TRUE(links->server.receive(echo));
  }
  EXPECT_TRUE(co_await receive_up_to(&links->client, &echoed, bytes.size()));
  EXPECT_TRUE(echoed == bytes);
}

TEST(WebsocketLink, TheSinkMaySendOnALinkOfTheSameThread) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(sink_may_send(&certificate));
}

asio::awaitable<void> nested_sends_are_refused(const test_certificate* certificate) {
  auto links = co_await connect_links(certificate);
  base::error inner;
  auto nothing = [](base::byte_span) -> std::size_t { return 0; };
  auto outer = [&](base::byte_span) -> std::size_t {
    inner = links->server.send(nothing).error();
    return 0;
  };
  EXPECT_EQ(links->client.send(outer), send_state::drained);
  EXPECT_EQ(inner, errc::buffer_in_use);
}

TEST(WebsocketLink, ASourceMayNotSendByItself) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  loop.run(nested_sends_are_refused(&certificate));
}

}
}
