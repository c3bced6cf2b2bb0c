#include <gtest/gtest.h>

#include "gateway/support/gateway_world.hpp"
#include "httvps/net/http2_link.hpp"
#include "httvps/sdk/carrier_dialer.hpp"
#include "run_loop.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {
namespace {

using net::http2_type;
namespace http2_flag = net::http2_flag;
using net::asio::awaitable;
using net::testing::soon;

struct Http2Carrier : ::testing::Test {
  gateway_world world;

  tunnel_options over_http2(knock_maker knock) const {
    auto options = world.as_device(world.device);
    options.http = carrier_http::http2;
    if (knock) {
      options.knock = std::move(knock);
    }
    return options;
  }
};

TEST_F(Http2Carrier, CarriesEveryByteBothWays) {
  const tcp_origin origin(echo_until_end);
  tunnel device(over_http2({}));
  ASSERT_TRUE(device.wait_until_open()) << device.failure().message();
  const auto body = pattern(20 * 1024 * 1024);
  const auto stream = device.open(loopback_target(origin.port()), body);
  ASSERT_TRUE(device.wait([&] { return device.view(stream).received.size() >= body.size(); },
                          std::chrono::seconds(50)));
  EXPECT_TRUE(device.view(stream).received == body);
}

TEST_F(Http2Carrier, KnockOfAnotherDeviceIsTheWebSites) {
  tunnel stranger(over_http2(access_knock(world.keys.token_for(world.device), make_device("x"))));
  ASSERT_TRUE(stranger.wait_until_over());
  EXPECT_EQ(stranger.failure(), net::errc::websocket_upgrade_refused);
}

TEST_F(Http2Carrier, ForgedTokenIsTheWebSites) {
  const auto forged = world.keys.forged_token_for(world.device);
  tunnel stranger(over_http2(access_knock(forged, world.device)));
  ASSERT_TRUE(stranger.wait_until_over());
  EXPECT_EQ(stranger.failure(), net::errc::websocket_upgrade_refused);
}

enum class knock_place { first_stream, second_stream };

struct seen_answers {
  std::map<std::uint32_t, std::string> status;
  base::error failure;
};

net::http_fields carrier_request(const gateway_place& place, const std::string& knock) {
  return {{":method", "CONNECT"},
          {":authority", "localhost"},
          {":scheme", "https"},
          {":path", place.path},
          {":protocol", "websocket"},
          {"sec-websocket-version", "13"},
          {"cookie", place.cookie + "=" + knock}};
}

net::http_fields page_request() {
  return {{":method", "GET"}, {":scheme", "https"}, {":path", "/"}, {":authority", "localhost"}};
}

net::task<net::tls_stream> browse(gateway_place place) {
  net::endpoint address{.host = "127.0.0.1", .port = place.port};
  HTTVPS_CO_TRY(auto socket, co_await net::connect(std::move(address), soon()));
  HTTVPS_CO_TRY(auto context, net::tls_context::make_client({.pins = {place.pin}}));
  net::tls_target wanted{.server_name = "localhost", .alpn = {"h2"}};
  HTTVPS_CO_TRY(auto engine, net::tls_engine::make_client(context, std::move(wanted)));
  net::tls_stream stream(std::move(socket), std::move(engine));
  HTTVPS_CO_CHECK(co_await stream.handshake(soon()));
  co_return std::move(stream);
}

net::task<> read_answers(net::tls_stream* stream, std::size_t wanted, seen_answers* into) {
  net::http2_frame_reader frames(net::http2_default_frame);
  net::http2_header_reader headers({});
  base::byte_vector space(65'536);
  while (into->status.size() < wanted) {
    HTTVPS_CO_TRY(const auto count, co_await stream->read_some(space, soon()));
    auto input = base::byte_span(space).first(count);
    while (!input.empty()) {
      HTTVPS_CO_TRY(const auto piece, frames.next(input));
      if (piece && frames.head().type == http2_type::headers) {
        HTTVPS_CO_CHECK(headers.take(frames.head(), *piece));
        if (piece->ends) {
          const auto fields = headers.take_fields();
          into->status[frames.head().stream] = fields.find(":status").value_or("");
        }
      }
    }
  }
  co_return base::result<>();
}

net::task<> visit(const gateway_world* world, knock_place where, seen_answers* into) {
  const auto place = world->place();
  HTTVPS_CO_TRY(auto stream, co_await browse(place));
  HTTVPS_CO_TRY(const auto exporter, stream.engine().channel_binding());
  const auto knock = access_knock(world->keys.token_for(world->device), world->device)(
      {.gateway_id = place.gateway_id, .exporter = exporter});
  HTTVPS_CO_CHECK(knock);
  net::http2_header_writer writer(4096);
  base::byte_vector bytes;
  base::append(bytes, base::as_bytes(net::http2_preface));
  net::append_frame(bytes, {.type = http2_type::settings}, {});
  std::uint32_t number = 1;
  if (where == knock_place::second_stream) {
    net::append_frame(bytes, {.type = http2_type::headers, .flags = 5, .stream = number},
                      writer.compress(page_request()).value());
    number += 2;
  }
  net::append_frame(
      bytes, {.type = http2_type::headers, .flags = http2_flag::end_headers, .stream = number},
      writer.compress(carrier_request(place, *knock)).value());
  HTTVPS_CO_CHECK(co_await stream.write_all(bytes, soon()));
  co_return co_await read_answers(&stream, (number + 1) / 2, into);
}

awaitable<void> keep_visit(const gateway_world* world, knock_place where, seen_answers* into) {
  const auto outcome = co_await visit(world, where, into);
  into->failure = outcome ? base::error() : outcome.error();
}

seen_answers answers_to(const gateway_world& world, knock_place where) {
  net::testing::run_loop loop;
  seen_answers seen;
  loop.run(keep_visit(&world, where, &seen));
  return seen;
}

sdk::dial_order order_for(const gateway_world& world, sdk::carrier_kind kind) {
  const auto place = world.place();
  const identity::gateway_entry gateway{.id = place.gateway_id,
                                        .host = "localhost",
                                        .addresses = {"127.0.0.1:" + std::to_string(place.port)},
                                        .pins = {place.pin},
                                        .path = place.path,
                                        .cookie = place.cookie};
  return {.gateway = gateway,
          .proof = {.kind = sdk::recognition_kind::access_token,
                    .document = world.keys.token_for(world.device),
                    .device = world.device.key},
          .kind = kind};
}

struct dialled_carrier {
  std::string alpn;
  bool resumed = false;
  base::error failure;
};

net::task<> dial_and_read(const gateway_world* world, sdk::carrier_dialer* dialer,
                          sdk::carrier_kind kind, dialled_carrier* seen) {
  auto order = order_for(*world, kind);
  HTTVPS_CO_TRY(auto link, co_await dialer->dial(std::move(order), soon()));
  seen->alpn = link->tls()->engine().alpn();
  seen->resumed = link->tls()->engine().is_resumed();
  if (kind == sdk::carrier_kind::http2) {
    HTTVPS_CO_CHECK(co_await link->wait_readable(soon()));
    HTTVPS_CO_CHECK(link->receive([](base::byte_view) {}));
  }
  dialer->remember(world->place().gateway_id, *link);
  link->stream().socket().close_now();
  co_return base::result<>();
}

awaitable<void> dial_all(const gateway_world* world, std::vector<sdk::carrier_kind> kinds,
                         std::vector<dialled_carrier>* seen) {
  sdk::carrier_dialer dialer;
  for (const auto kind : kinds) {
    auto& carrier = seen->emplace_back();
    const auto outcome = co_await dial_and_read(world, &dialer, kind, &carrier);
    carrier.failure = outcome ? base::error() : outcome.error();
  }
}

TEST_F(Http2Carrier, TheClientPicksTheKindAndBothShareTheirTlsTickets) {
  net::testing::run_loop loop;
  std::vector<dialled_carrier> seen;
  loop.run(dial_all(&world,
                    {sdk::carrier_kind::http2, sdk::carrier_kind::http1, sdk::carrier_kind::http2},
                    &seen));
  for (const auto& carrier : seen) {
    EXPECT_EQ(carrier.failure, base::error());
  }
  EXPECT_EQ(seen[0].alpn, "h2");
  EXPECT_FALSE(seen[0].resumed);
  EXPECT_EQ(seen[1].alpn, "http/1.1");
  EXPECT_TRUE(seen[1].resumed);
  EXPECT_EQ(seen[2].alpn, "h2");
  EXPECT_TRUE(seen[2].resumed);
}

TEST_F(Http2Carrier, TheDecisionIsMadeOnTheFirstRequestAndHoldsForTheConnection) {
  const auto first = answers_to(world, knock_place::first_stream);
  EXPECT_EQ(first.failure, base::error());
  EXPECT_EQ(first.status, (std::map<std::uint32_t, std::string>{{1, "200"}}));
  const auto second = answers_to(world, knock_place::second_stream);
  EXPECT_EQ(second.failure, base::error());
  EXPECT_EQ(second.status, (std::map<std::uint32_t, std::string>{{1, "200"}, {3, "400"}}));
}

}
}
