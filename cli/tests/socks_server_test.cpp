#include "socks/socks_server.hpp"

#include <gtest/gtest.h>

#include "errc.hpp"
#include "rig.hpp"
#include "socks_client.hpp"

namespace httvps::cli {
namespace {

using namespace std::chrono_literals;
using net::asio::awaitable;
using sdk::testing::pattern;
using sdk::testing::rig;
using sdk::testing::soon;
using testing::open_through;
using testing::read_until_end;
using testing::request_for_domain;
using testing::socks_dialogue;

struct scene {
  rig& with;
  sdk::tunnel& through;
  socks_server& server;
};

using scene_script = awaitable<void> (*)(scene);

awaitable<void> run_scene(scene now, scene_script script) {
  now.through.start();
  co_await script(now);
  EXPECT_TRUE(co_await now.server.stop(soon()));
  EXPECT_TRUE(co_await now.through.stop(soon()));
  EXPECT_TRUE(co_await now.with.gateway.stop());
}

socks_options options() {
  return {.place = {.host = "127.0.0.1", .port = 0}};
}

void play(rig& with, const socks_options& chosen, scene_script script) {
  auto through = with.make_tunnel();
  auto server = socks_server::open(with.loop.get_executor(), chosen, through, {});
  ASSERT_TRUE(server);
  with.loop.run(run_scene({.with = with, .through = through, .server = *server}, script));
}

void play(scene_script script) {
  rig with;
  play(with, options(), script);
}

awaitable<void> send_all(net::tcp_stream* stream, base::byte_vector bytes) {
  EXPECT_TRUE(co_await stream->write_all(bytes, soon()));
  EXPECT_TRUE(stream->shutdown_write());
}

net::task<bool> echoes(net::endpoint proxy, base::byte_vector bytes) {
  HTTVPS_CO_TRY(socks_dialogue dialogue,
                co_await open_through(std::move(proxy), request_for_domain("echo")));
  net::scope background(co_await net::asio::this_coro::executor);
  HTTVPS_CO_CHECK(background.spawn(send_all(&dialogue.stream, bytes)));
  const auto back = co_await read_until_end(&dialogue.stream);
  HTTVPS_CO_CHECK(co_await background.join(soon()));
  if (!back) {
    co_return base::fail(back.error());
  }
  co_return *back == bytes;
}

TEST(SocksServer, BytesAndHalfClosePassBothWays) {
  play([](scene now) -> awaitable<void> {
    EXPECT_EQ(co_await echoes(now.server.local(), pattern(5'000'000, 1)), true);
  });
}

TEST(SocksServer, ServerThatSpeaksFirstIsHeard) {
  play([](scene now) -> awaitable<void> {
    auto dialogue = co_await open_through(now.server.local(), request_for_domain("source-1000000"));
    EXPECT_TRUE(dialogue);
    EXPECT_EQ(dialogue->reply[1], 0);
    const auto all = co_await read_until_end(&dialogue->stream);
    EXPECT_TRUE(all && all->size() == 1'000'000U);
  });
}

TEST(SocksServer, BytesSentTogetherWithTheRequestAreNotLost) {
  play([](scene now) -> awaitable<void> {
    auto dialogue =
        co_await open_through(now.server.local(), request_for_domain("count") + "early bytes");
    EXPECT_TRUE(dialogue);
    EXPECT_TRUE(dialogue->stream.shutdown_write());
    const auto answer = co_await read_until_end(&dialogue->stream);
    EXPECT_TRUE(answer && base::as_text(*answer) == "11");
  });
}

awaitable<void> echo_into(net::endpoint proxy, std::uint64_t seed, int* good) {
  const auto same = co_await echoes(std::move(proxy), pattern(30'000 + 131 * seed, seed));
  *good += same == true ? 1 : 0;
}

TEST(SocksServer, TwoHundredConnectionsAtOnceKeepTheirBytesApart) {
  play([](scene now) -> awaitable<void> {
    int good = 0;
    net::scope all(now.with.loop.get_executor());
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      EXPECT_TRUE(all.spawn(echo_into(now.server.local(), seed, &good)));
    }
    EXPECT_TRUE(co_await all.join(soon()));
    EXPECT_EQ(good, 200);
    EXPECT_EQ(now.server.counts().accepted, 200U);
  });
}

TEST(SocksServer, ApplicationThatDoesNotReadHoldsTheSenderBack) {
  play([](scene now) -> awaitable<void> {
    auto dialogue =
        co_await open_through(now.server.local(), request_for_domain("source-40000000"));
    EXPECT_TRUE(dialogue);
    static_cast<void>(co_await net::sleep_until(net::deadline_after(300ms)));
    const auto held = now.through.status().bytes_down;
    EXPECT_LT(held, 30'000'000U);
    const auto all = co_await read_until_end(&dialogue->stream);
    EXPECT_TRUE(all && all->size() == 40'000'000U);
  });
}

TEST(SocksServer, FailureAtTheTargetResetsTheApplication) {
  rig with;
  with.gateway.rules().reset_streams = wire::errc::target_unreachable_or_closed;
  play(with, options(), [](scene now) -> awaitable<void> {
    auto dialogue = co_await open_through(now.server.local(), request_for_domain("echo"));
    EXPECT_TRUE(dialogue);
    EXPECT_EQ(dialogue->reply[1], 0);
    const auto end = co_await read_until_end(&dialogue->stream);
    EXPECT_TRUE(!end && end.error() == net::errc::connection_reset);
  });
}

TEST(SocksServer, LostGatewayResetsItsApplications) {
  play([](scene now) -> awaitable<void> {
    auto dialogue = co_await open_through(now.server.local(), request_for_domain("count"));
    EXPECT_TRUE(dialogue);
    EXPECT_TRUE(co_await now.through.ready(soon()));
    EXPECT_TRUE(co_await dialogue->stream.write_all(pattern(100, 1), soon()));
    static_cast<void>(co_await net::sleep_until(net::deadline_after(50ms)));
    now.with.gateway.lose_sessions();
    const auto end = co_await read_until_end(&dialogue->stream);
    EXPECT_TRUE(!end && end.error() == net::errc::connection_reset);
    EXPECT_EQ(co_await echoes(now.server.local(), pattern(5000, 2)), true);
  });
}

TEST(SocksServer, ApplicationThatIsGoneEndsItsStream) {
  play([](scene now) -> awaitable<void> {
    auto dialogue = co_await open_through(now.server.local(), request_for_domain("stall"));
    EXPECT_TRUE(dialogue);
    EXPECT_TRUE(co_await dialogue->stream.write_all(pattern(100, 1), soon()));
    static_cast<void>(co_await net::sleep_until(net::deadline_after(50ms)));
    EXPECT_EQ(now.through.status().open_streams, 1U);
    dialogue->stream.reset();
    const auto limit = soon();
    while (now.through.status().open_streams > 0 && base::real_clock().steady_now() < limit) {
      static_cast<void>(co_await net::sleep_until(net::deadline_after(5ms)));
    }
    EXPECT_EQ(now.through.status().open_streams, 0U);
    EXPECT_EQ(now.server.counts().open_connections, 0U);
  });
}

TEST(SocksServer, TunnelThatIsAwayIsAnsweredWithAReply) {
  rig with;
  with.gateway.rules().recognise = sdk::testing::recognition_rule::nobody;
  play(with, options(), [](scene now) -> awaitable<void> {
    const auto dialogue = co_await open_through(now.server.local(), request_for_domain("echo"));
    EXPECT_TRUE(dialogue);
    EXPECT_EQ(dialogue->reply[1], 3);
  });
}

TEST(SocksServer, BindIsAnsweredWithCommandNotSupported) {
  play([](scene now) -> awaitable<void> {
    const std::string bind = {5, 2, 0, 1, 0, 0, 0, 0, 0, 0};
    const auto dialogue = co_await open_through(now.server.local(), bind);
    EXPECT_TRUE(dialogue);
    EXPECT_EQ(dialogue->reply[1], 7);
    EXPECT_EQ(now.server.counts().bad_requests, 1U);
  });
}

net::task<base::byte_vector> answer_to(net::endpoint proxy, std::string bytes) {
  HTTVPS_CO_TRY(net::tcp_stream stream, co_await net::connect(std::move(proxy), soon()));
  HTTVPS_CO_CHECK(co_await stream.write_all(base::as_bytes(bytes), soon()));
  co_return co_await read_until_end(&stream);
}

TEST(SocksServer, GarbageCostsItsOwnConnectionOnly) {
  play([](scene now) -> awaitable<void> {
    for (const auto* garbage : {"GET / HTTP/1.1\r\n\r\n", "\x04\x01", "\x05\x01\x02"}) {
      const auto answer = co_await answer_to(now.server.local(), garbage);
      EXPECT_TRUE(answer && answer->size() <= 2U) << garbage;
    }
    EXPECT_EQ(now.server.counts().bad_requests, 3U);
    EXPECT_EQ(co_await echoes(now.server.local(), pattern(5000, 2)), true);
  });
}

TEST(SocksServer, SilentApplicationIsDroppedAfterItsPatience) {
  rig with;
  auto chosen = options();
  chosen.handshake_patience = 50ms;
  play(with, chosen, [](scene now) -> awaitable<void> {
    const auto answer = co_await answer_to(now.server.local(), "\x05");
    EXPECT_TRUE(answer && answer->size() <= 10U);
  });
}

TEST(SocksServer, ConnectionsPastTheLimitAreClosedAtOnce) {
  rig with;
  auto chosen = options();
  chosen.connections = 1;
  play(with, chosen, [](scene now) -> awaitable<void> {
    auto first = co_await open_through(now.server.local(), request_for_domain("stall"));
    EXPECT_TRUE(first);
    const auto second = co_await answer_to(now.server.local(), "");
    EXPECT_TRUE(!second || second->empty());
    EXPECT_EQ(now.server.counts().refused_connections, 1U);
  });
}

TEST(SocksServer, AddressThatOthersCanReachNeedsPermission) {
  rig with;
  auto through = with.make_tunnel();
  socks_options everywhere{.place = {.host = "0.0.0.0", .port = 0}};
  const auto refused = socks_server::open(with.loop.get_executor(), everywhere, through, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), errc::bind_not_loopback);
  everywhere.from_elsewhere = remote_use::permitted;
  EXPECT_TRUE(socks_server::open(with.loop.get_executor(), everywhere, through, {}));
}

}
}
