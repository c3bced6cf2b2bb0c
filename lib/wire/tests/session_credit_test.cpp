#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "session_support.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

void act(machine_pair& pair, machine& side, stream_id id, std::uint8_t choice) {
  switch (choice % 8) {
    case 0:
    case 1:
      side.send_pattern(id, 1 + choice * 97U);
      break;
    case 2:
      side.session.finish(id, pair.now);
      break;
    case 3:
      side.session.reset(id, errc::cancelled);
      break;
    case 4:
      side.session.stop(id, errc::cancelled, pair.now);
      break;
    case 5:
      side.session.fail_after_data(id, errc::node_unreachable);
      break;
    case 6:
      side.read_all(id, pair.now);
      break;
    default:
      side.stalled = !side.stalled;
  }
}

void close_everything(machine_pair& pair) {
  pair.client.stalled = pair.gateway.stalled = false;
  pair.exchange();
  for (std::uint64_t id = 1; id < 16; id += 2) {
    for (auto* side : {&pair.client, &pair.gateway}) {
      side->read_all(stream_id{id}, pair.now);
      side->session.finish(stream_id{id}, pair.now);
    }
  }
  for (int round = 0; round < 5; ++round) {
    pair.settle_for(300ms);
    for (std::uint64_t id = 1; id < 16; id += 2) {
      pair.client.read_all(stream_id{id}, pair.now);
      pair.gateway.read_all(stream_id{id}, pair.now);
    }
  }
}

void expect_balanced(const session& sender, const session& receiver) {
  const auto out = sender.credit();
  const auto in = receiver.credit();
  RC_ASSERT(out.sending == in.received);
  RC_ASSERT(in.consumed == in.received);
  RC_ASSERT(in.granted >= in.consumed);
  RC_ASSERT(out.peer_limit - out.sending >= initial_session_window / 8 * 7);
}

RC_GTEST_PROP(SessionCredit, ReturnsInFullWhateverTheOrderOfEndings,
              (const std::vector<std::uint8_t>& choices)) {
  machine_pair pair;
  pair.connect();
  for (int i = 0; i < 8; ++i) {
    RC_ASSERT(pair.client.session.open(web, {}, pair.now).has_value());
  }
  std::size_t turn = 0;
  for (const auto choice : choices) {
    const stream_id id{1 + 2 * (choice / 8U % 8U)};
    auto& side = turn % 2 == 0 ? pair.client : pair.gateway;
    act(pair, side, id, choice);
    ++turn;
    if (turn % 5 == 0) {
      pair.step(pair.client, pair.gateway);
    } else if (turn % 7 == 0) {
      pair.step(pair.gateway, pair.client);
    } else if (turn % 11 == 0) {
      pair.settle_for(10ms);
    }
  }
  close_everything(pair);
  RC_ASSERT(!pair.failure);
  RC_ASSERT(pair.client.session.open_streams() == 0U);
  RC_ASSERT(pair.gateway.session.open_streams() == 0U);
  RC_ASSERT(pair.client.pool.used() + pair.gateway.pool.used() == 0U);
  expect_balanced(pair.client.session, pair.gateway.session);
  expect_balanced(pair.gateway.session, pair.client.session);
}

TEST(SessionCredit, StreamRefusedForWantOfPlaceReturnsItsPayload) {
  session_limits narrow;
  narrow.streams = 2;
  machine_pair pair(narrow);
  pair.gateway.session =
      session({.role = role::gateway, .id = pair.client.session.id(), .limits = narrow},
              pair.gateway.pool, pair.gateway.random);
  pair.connect();
  const base::byte_vector payload(10'000);
  for (std::uint64_t id = 1; id < 20; id += 2) {
    EXPECT_EQ(inject(pair, pair.gateway, open_frame{stream_id{id}, web, payload}), errc{});
  }
  EXPECT_EQ(pair.gateway.opened.size(), 2U);
  EXPECT_EQ(pair.gateway.session.credit().received, 100'000U);
  EXPECT_EQ(pair.gateway.session.credit().consumed, 100'000U);
}

}
}
