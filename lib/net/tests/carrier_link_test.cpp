#include "httvps/net/carrier_link.hpp"

#include <gtest/gtest.h>
#include <malloc.h>
#include <sanitizer/allocator_interface.h>

#include "carrier_pair.hpp"
#include "httvps/base/random.hpp"
#include "httvps/net/http2_link.hpp"
#include "link_talk.hpp"
#include "run_loop.hpp"
#include "stream_pair.hpp"

namespace httvps::net {
namespace {

using testing::carrier_form;
using testing::connect_carriers;
using testing::converse;
using testing::run_loop;
using testing::sending;
using testing::side;
using testing::soon;
using testing::test_certificate;

base::byte_vector random_bytes(std::size_t size) {
  base::byte_vector bytes(size);
  base::seeded_random(size + 1).fill(bytes);
  return bytes;
}

class EveryCarrier : public ::testing::TestWithParam<carrier_form> {
 protected:
  template <typename Work>
  void run(Work work) {
    loop_.run(work(&certificate_, GetParam()));
  }

 private:
  run_loop loop_;
  test_certificate certificate_{"gateway.test"};
};

INSTANTIATE_TEST_SUITE_P(Forms, EveryCarrier,
                         ::testing::Values(carrier_form::http1, carrier_form::http2));

asio::awaitable<void> transfer(const test_certificate* certificate, carrier_form form,
                               std::size_t size, std::size_t step) {
  auto links = co_await connect_carriers(certificate, form);
  EXPECT_TRUE(links);
  const auto up = random_bytes(size);
  const auto down = random_bytes(size + 1);
  side client = {.link = links->client.get(), .out = up, .step = step, .wanted = down.size()};
  side server = {.link = links->server.get(), .out = down, .step = step, .wanted = up.size()};
  EXPECT_TRUE(co_await converse(&client, &server));
  EXPECT_TRUE(server.got == up);
  EXPECT_TRUE(client.got == down);
}

asio::awaitable<void> transfer_shapes(const test_certificate* certificate, carrier_form form) {
  co_await transfer(certificate, form, 1, 0);
  co_await transfer(certificate, form, 125, 1);
  co_await transfer(certificate, form, 70'000, 126);
  co_await transfer(certificate, form, 300'000, 16'325);
  co_await transfer(certificate, form, 16'000'000, 0);
}

TEST_P(EveryCarrier, CarriesTheSameBytesBothWays) {
  run(&transfer_shapes);
}

asio::awaitable<void> one_flight(const test_certificate* certificate, carrier_form form) {
  auto links = co_await connect_carriers(certificate, form);
  const auto greeting = random_bytes(60'000);
  sending source = {.left = greeting};
  EXPECT_EQ(links->client->send(source), send_state::drained);
  side client = {.link = links->client.get()};
  side server = {.link = links->server.get(), .wanted = greeting.size()};
  EXPECT_TRUE(co_await converse(&client, &server));
  EXPECT_TRUE(server.got == greeting);
}

TEST_P(EveryCarrier, TakesAFirstFlightBeforeAnythingWasAnswered) {
  run(&one_flight);
}

asio::awaitable<void> small_records(const test_certificate* certificate, carrier_form form) {
  auto links = co_await connect_carriers(certificate, form);
  const auto before = links->server->stream().ciphertext_traffic().sent;
  const auto bytes = random_bytes(10'000);
  sending source = {.left = bytes, .step = 1000};
  EXPECT_EQ(links->server->send(source), send_state::drained);
  const auto spent = links->server->stream().ciphertext_traffic().sent - before;
  const std::size_t framing = form == carrier_form::http2 ? 13 : 4;
  EXPECT_EQ(spent, 10'000 + 10 * framing + 22);
}

TEST_P(EveryCarrier, PutsSeveralMessagesIntoOneRecord) {
  run(&small_records);
}

asio::awaitable<void> full_records(const test_certificate* certificate, carrier_form form) {
  auto links = co_await connect_carriers(certificate, form);
  links->server->stream().note_taken_whole();
  links->server->stream().note_taken_whole();
  const auto before = links->server->stream().ciphertext_traffic().sent;
  const auto bytes = random_bytes(200'000);
  sending source = {.left = bytes};
  EXPECT_EQ(links->server->send(source), send_state::drained);
  const auto spent = links->server->stream().ciphertext_traffic().sent - before;
  const auto framed = bytes.size() + (form == carrier_form::http2 ? 13 * 13 : 4 * 4);
  const auto records = (framed + 16'383) / 16'384;
  EXPECT_EQ(spent, framed + records * 22);
}

TEST_P(EveryCarrier, FillsTlsRecordsOverFrameEdges) {
  run(&full_records);
}

asio::awaitable<void> closing(const test_certificate* certificate, carrier_form form) {
  auto links = co_await connect_carriers(certificate, form);
  base::result<> closed;
  scope background(co_await asio::this_coro::executor);
  EXPECT_TRUE(background.spawn(testing::keep(links->client->close(1001, soon()), &closed)));
  auto ignore = [](base::byte_view) {};
  auto state = base::result<link_state>(link_state::open);
  while (state == link_state::open) {
    EXPECT_TRUE(co_await links->server->wait_readable(soon()));
    state = links->server->receive(ignore);
  }
  EXPECT_EQ(state, link_state::closed);
  sending nothing;
  EXPECT_EQ(links->server->send(nothing).error(), errc::connection_closed);
  EXPECT_TRUE(co_await links->server->close(1001, soon()));
  EXPECT_TRUE(co_await background.join(soon()));
  EXPECT_TRUE(closed);
}

TEST_P(EveryCarrier, AnnouncesItsEndAndSendsNoMore) {
  run(&closing);
}

asio::awaitable<void> cut(const test_certificate* certificate, carrier_form form) {
  auto links = co_await connect_carriers(certificate, form);
  links->client->stream().socket().close_now();
  auto ignore = [](base::byte_view) {};
  auto state = base::result<link_state>(link_state::open);
  while (state) {
    EXPECT_TRUE(co_await links->server->wait_readable(soon()));
    state = links->server->receive(ignore);
  }
  EXPECT_TRUE(state.error() == errc::tls_truncated || state.error() == errc::connection_reset);
}

TEST_P(EveryCarrier, NamesAConnectionThatWasCut) {
  run(&cut);
}

asio::awaitable<void> nested(const test_certificate* certificate, carrier_form form) {
  auto links = co_await connect_carriers(certificate, form);
  base::error inner;
  auto nothing = [](base::byte_span) -> std::size_t { return 0; };
  auto outer = [&](base::byte_span) -> std::size_t {
    inner = links->server->send(nothing).error();
    return 0;
  };
  EXPECT_EQ(links->client->send(outer), send_state::drained);
  EXPECT_EQ(inner, errc::buffer_in_use);
}

TEST_P(EveryCarrier, RefusesASourceThatSendsByItself) {
  run(&nested);
}

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
std::size_t bytes_in_use() {
  return __sanitizer_get_current_allocated_bytes();
}
#else
std::size_t bytes_in_use() {
  return mallinfo2().uordblks + mallinfo2().hblkhd;
}
#endif

asio::awaitable<void> measure_idle(const test_certificate* certificate, carrier_form form,
                                   std::size_t* of_server) {
  auto links = co_await connect_carriers(certificate, form);
  const auto bytes = random_bytes(40'000);
  side client = {.link = links->client.get(), .out = bytes, .wanted = bytes.size()};
  side server = {.link = links->server.get(), .out = bytes, .wanted = bytes.size()};
  EXPECT_TRUE(co_await converse(&client, &server));
  EXPECT_FALSE(links->server->stream().has_backlog());
  const auto with_both = bytes_in_use();
  links->server.reset();
  *of_server = with_both - bytes_in_use();
}

std::size_t idle_bytes_of(carrier_form form) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  std::size_t of_server = 0;
  loop.run(measure_idle(&certificate, form, &of_server));
  loop.run(measure_idle(&certificate, form, &of_server));
  return of_server;
}

TEST(Http2Link, AnIdleServerLinkCostsLittleMoreThanAWebSocket) {
  const auto http1 = idle_bytes_of(carrier_form::http1);
  const auto http2 = idle_bytes_of(carrier_form::http2);
  RecordProperty("idle_http1_server_link_bytes", static_cast<int>(http1));
  RecordProperty("idle_http2_server_link_bytes", static_cast<int>(http2));
  EXPECT_GT(http1, 0U);
  EXPECT_LT(http2, http1 + 1024);
}

asio::awaitable<void> refused(const test_certificate* certificate, base::byte_vector answer,
                              base::error* outcome) {
  auto streams = co_await testing::connect_tls_pair(certificate);
  http2_request request = {.host = "gateway.test"};
  auto client = co_await open_http2(std::move(streams->client), std::move(request), soon());
  EXPECT_TRUE(client);
  EXPECT_TRUE(co_await streams->server.write_all(answer, soon()));
  auto ignore = [](base::byte_view) {};
  auto state = base::result<link_state>(link_state::open);
  while (state == link_state::open) {
    EXPECT_TRUE(co_await (*client)->wait_readable(soon()));
    state = (*client)->receive(ignore);
  }
  *outcome = state ? base::error() : state.error();
}

base::error outcome_after(const base::byte_vector& answer) {
  run_loop loop;
  const test_certificate certificate("gateway.test");
  base::error outcome;
  loop.run(refused(&certificate, answer, &outcome));
  return outcome;
}

TEST(Http2Link, AnAnswerOfTheWebSiteIsARefusedUpgrade) {
  base::byte_vector answer = http2_server_settings();
  const auto block = compress_headers({{":status", "405"}, {"server", "nginx"}});
  append_frame(answer, {.type = http2_type::headers, .flags = http2_flag::end_headers, .stream = 1},
               *block);
  EXPECT_EQ(outcome_after(answer), errc::websocket_upgrade_refused);
}

TEST(Http2Link, AResetBeforeTheAnswerIsARefusedUpgrade) {
  base::byte_vector answer = http2_server_settings();
  append_reset(answer, 1, http2_code::protocol_error);
  EXPECT_EQ(outcome_after(answer), errc::websocket_upgrade_refused);
}

TEST(Http2Link, AGoawayBeforeTheAnswerIsARefusedUpgrade) {
  base::byte_vector answer = http2_server_settings();
  append_goaway(answer, 0, http2_code::protocol_error);
  EXPECT_EQ(outcome_after(answer), errc::websocket_upgrade_refused);
}

}
}
