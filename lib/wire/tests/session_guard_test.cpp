#include <gtest/gtest.h>

#include <array>

#include "frame_support.hpp"
#include "machine_pair.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

const target web = domain_target{"example.com", 443};

errc deliver(machine_pair& pair, machine& into, byte_view bytes) {
  const auto outcome = into.session.receive(pair.carrier, bytes, into, pair.now);
  into.drain_events();
  return outcome ? errc{} : static_cast<errc>(outcome.error().value());
}

errc deliver_window(machine_pair& pair, byte_count session_limit,
                    std::span<const stream_offset> streams) {
  base::byte_vector bytes(256);
  frame_writer writer(bytes);
  EXPECT_TRUE(writer.put(window_frame{.session_limit = session_limit, .streams = {}}, streams));
  return deliver(pair, pair.client, byte_view(bytes).first(writer.written()));
}

TEST(SessionGuard, WindowsBelowTheKnownOnesAreIgnored) {
  machine_pair pair;
  pair.connect();
  const auto id = pair.client.session.open(web, {}, pair.now).value();
  pair.exchange();
  const std::array smaller{stream_offset{id, 10}};
  EXPECT_EQ(deliver_window(pair, 20, smaller), errc{});
  EXPECT_EQ(pair.client.session.send_room(id), initial_stream_window);
}

TEST(SessionGuard, CarrierNumbersTooOldToRememberAreRefused) {
  session_limits limits;
  limits.detached_for = 60s;
  machine_pair pair(limits);
  pair.connect(100);
  pair.client.session.detach(pair.carrier, pair.now);
  const auto old = pair.client.session.attach({.carrier = carrier_number{36}}, pair.now);
  ASSERT_FALSE(old);
  EXPECT_EQ(old.error(), errc::carrier_number_reused);
  EXPECT_TRUE(pair.client.session.attach({.carrier = carrier_number{37}}, pair.now));
}

TEST(SessionGuard, TooManyGapsBetweenOpenedStreamsEndTheSession) {
  machine_pair pair;
  pair.connect();
  for (std::uint64_t gap = 0; gap < seen_intervals_most; ++gap) {
    const open_frame open{static_cast<stream_id>(1 + 4 * gap), web, {}};
    ASSERT_EQ(deliver(pair, pair.gateway, encode(open)), errc{});
  }
  const open_frame last{static_cast<stream_id>(1 + 4 * seen_intervals_most), web, {}};
  EXPECT_EQ(deliver(pair, pair.gateway, encode(last)), errc::gap_limit);
}

TEST(SessionGuard, MemoryPressureLowersTheReplayCapToTheFairShare) {
  constexpr byte_count memory = 8 * base::mebibyte;
  machine_pair pair({}, memory);
  pair.connect();
  const auto id = pair.client.session.open(web, {}, pair.now).value();
  pair.exchange();
  const std::array wide{stream_offset{id, 20 * base::mebibyte}};
  ASSERT_EQ(deliver_window(pair, 30 * base::mebibyte, wide), errc{});
  std::vector<std::unique_ptr<base::pool_share>> others;
  while (pair.client.pool.sharers() < 16) {
    others.push_back(std::make_unique<base::pool_share>(pair.client.pool));
  }
  EXPECT_EQ(pair.client.session.send_room(id), replay_cap);
  std::vector<base::slab> held;
  std::size_t last = pair.client.session.send_room(id);
  while (auto block = pair.client.pool.acquire(base::large_slab_size)) {
    held.push_back(std::move(block));
    const auto room = pair.client.session.send_room(id);
    EXPECT_EQ(room < last, pair.client.pool.under_pressure());
    last = room;
  }
  EXPECT_EQ(last, memory / 16);
}

TEST(SessionGuard, WelcomeOfAnotherVersionEndsTheSession) {
  machine_pair pair;
  ASSERT_TRUE(pair.client.session.attach({.carrier = pair.carrier}, pair.now));
  EXPECT_EQ(deliver(pair, pair.client, encode(welcome_frame{.version = protocol_version + 1})),
            errc::version_unsupported);
  EXPECT_TRUE(pair.client.session.ended());
}

TEST(SessionGuard, PongOfAnotherPingGivesNoRoundTrip) {
  machine_pair pair;
  pair.connect();
  pair.now += 46s;
  base::byte_vector bytes(4096);
  ASSERT_GT(pair.client.session.produce(pair.carrier, bytes, pair.now), 0U);
  EXPECT_EQ(deliver(pair, pair.client, encode(pong_frame{})), errc{});
  EXPECT_FALSE(pair.client.session.round_trip());
}

}
}
