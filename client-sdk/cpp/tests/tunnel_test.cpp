#include "httvps/sdk/tunnel.hpp"

#include <gtest/gtest.h>

#include "httvps/sdk/errc.hpp"
#include "tunnel_steps.hpp"

namespace httvps::sdk {
namespace {

using namespace std::chrono_literals;
using net::asio::awaitable;
using testing::counted_stream;
using testing::domain;
using testing::echoes;
using testing::failure_of;
using testing::pattern;
using testing::play;
using testing::rig;
using testing::soon;
using testing::wait_for;

TEST(Tunnel, EchoComesBackByteForByteAfterHalfClose) {
  rig with;
  play(with, [](rig* rig, tunnel* through) -> awaitable<void> {
    EXPECT_TRUE(co_await through->ready(soon()));
    EXPECT_EQ(co_await echoes(through, pattern(3'000'000, 1)), true);
    EXPECT_EQ(rig->gateway.counts().sessions, 1U);
    EXPECT_GE(through->status().bytes_up, 3'000'000U);
    EXPECT_GE(through->status().bytes_down, 3'000'000U);
  });
}

TEST(Tunnel, StreamOpenedBeforeTheCarrierStandsIsServed) {
  rig with;
  play(with, [](rig*, tunnel* through) -> awaitable<void> {
    EXPECT_EQ(co_await echoes(through, pattern(10'000, 2)), true);
  });
}

TEST(Tunnel, HalfCloseReachesTheOtherEndAndItsAnswerStillComes) {
  rig with;
  play(with, [](rig*, tunnel* through) -> awaitable<void> {
    auto stream = counted_stream(through);
    EXPECT_TRUE(co_await testing::send_and_finish(&*stream, pattern(1'000'000, 3)));
    const auto answer = co_await testing::read_until_end(&*stream);
    EXPECT_TRUE(answer && base::as_text(*answer) == "1000000");
  });
}

awaitable<void> echo_into(tunnel* through, std::uint64_t seed, int* good) {
  const auto same = co_await echoes(through, pattern(20'000 + 97 * seed, seed));
  *good += same == true ? 1 : 0;
}

TEST(Tunnel, TwoHundredStreamsAtOnceKeepTheirBytesApart) {
  rig with;
  play(with, [](rig* rig, tunnel* through) -> awaitable<void> {
    int good = 0;
    net::scope all(rig->loop.get_executor());
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      EXPECT_TRUE(all.spawn(echo_into(through, seed, &good)));
    }
    EXPECT_TRUE(co_await all.join(soon()));
    EXPECT_EQ(good, 200);
    EXPECT_EQ(rig->gateway.counts().connections, 1U);
  });
}

TEST(Tunnel, SlowReaderHoldsTheSenderBackWithinItsWindow) {
  rig with;
  play(with, [](rig* rig, tunnel* through) -> awaitable<void> {
    auto stream = through->open_stream(domain("source-8000000"));
    EXPECT_TRUE(stream);
    co_await wait_for(
        rig, [](auto&, auto& status) { return status.bytes_down >= wire::initial_stream_window; },
        through);
    static_cast<void>(co_await net::sleep_until(net::deadline_after(100ms)));
    EXPECT_EQ(through->status().bytes_down, wire::initial_stream_window);
    const auto rest = co_await testing::read_until_end(&*stream);
    EXPECT_TRUE(rest);
    EXPECT_EQ(rest->size(), 8'000'000U);
  });
}

TEST(Tunnel, ReceiverThatDoesNotReadHoldsTheWriterBack) {
  rig with;
  play(with, [](rig* rig, tunnel* through) -> awaitable<void> {
    auto stream = through->open_stream(domain("stall"));
    EXPECT_TRUE(stream);
    const auto written =
        co_await stream->write_all(pattern(4'000'000, 1), net::deadline_after(300ms));
    EXPECT_EQ(failure_of(written), net::errc::timed_out);
    EXPECT_LE(rig->gateway.counts().unread_most, wire::initial_stream_window);
    EXPECT_EQ(co_await echoes(through, pattern(5000, 2)), true);
  });
}

TEST(Tunnel, FailureAtTheTargetReachesTheReader) {
  rig with;
  with.gateway.rules().reset_streams = wire::errc::target_unreachable_or_closed;
  play(with, [](rig*, tunnel* through) -> awaitable<void> {
    auto stream = through->open_stream(domain("echo"));
    EXPECT_TRUE(stream);
    base::byte_array<16> space;
    const auto got = co_await stream->read_some(space, soon());
    EXPECT_EQ(failure_of(got), wire::errc::target_unreachable_or_closed);
  });
}

TEST(Tunnel, StoppedTunnelEndsItsStreamsAndTakesNoMore) {
  rig with;
  play(with, [](rig*, tunnel* through) -> awaitable<void> {
    EXPECT_TRUE(co_await through->ready(soon()));
    auto stream = through->open_stream(domain("stall"));
    EXPECT_TRUE(stream);
    EXPECT_TRUE(co_await through->stop(soon()));
    base::byte_array<16> space;
    EXPECT_EQ(failure_of(co_await stream->read_some(space, soon())), wire::errc::cancelled);
    EXPECT_EQ(failure_of(co_await through->ready(soon())), errc::tunnel_stopped);
    EXPECT_EQ(failure_of(through->open_stream(domain("echo"))), errc::tunnel_stopped);
    EXPECT_EQ(through->status().phase, tunnel_phase::stopped);
  });
}

TEST(Tunnel, WaitersAreBounded) {
  rig with;
  with.gateway.rules().answers_hello = false;
  auto options = with.options();
  options.waiters = 0;
  play(with, std::move(options), [](rig*, tunnel* through) -> awaitable<void> {
    EXPECT_EQ(failure_of(co_await through->ready(soon())), errc::too_many_waiting);
  });
}

}
}
