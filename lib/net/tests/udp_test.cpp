#include "httvps/net/udp.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "httvps/net/scope.hpp"
#include "link_talk.hpp"
#include "run_loop.hpp"

namespace httvps::net {
namespace {

using testing::keep;
using testing::run_loop;
using testing::soon;

const endpoint any_port{.host = "127.0.0.1"};

struct receiver {
  explicit receiver(std::size_t count, std::size_t size = 2048)
      : memory(count * size), slots(count) {
    for (std::size_t i = 0; i < count; ++i) {
      slots[i].room = base::byte_span(memory).subspan(i * size, size);
    }
  }

  std::string_view text(std::size_t at) const { return base::as_text(slots[at].bytes()); }

  base::byte_vector memory;
  std::vector<udp_arrival> slots;
};

udp_departure departure(std::string_view text, const endpoint& to) {
  return {.bytes = base::as_bytes(text), .to = to_udp_place(to).value()};
}

asio::awaitable<void> batches_pass(executor runs_on) {
  auto near = udp_socket::bind(runs_on, any_port).value();
  auto far = udp_socket::bind(runs_on, any_port).value();
  const std::vector<udp_departure> batch{departure("one", far.local()), departure("", far.local()),
                                         departure("three", far.local())};
  EXPECT_EQ(near.try_send(batch), 3U);
  receiver got(8);
  EXPECT_TRUE(co_await far.wait_readable(soon()));
  EXPECT_EQ(far.try_receive(got.slots), 3U);
  EXPECT_EQ(got.text(0), "one");
  EXPECT_EQ(got.text(1), "");
  EXPECT_EQ(got.text(2), "three");
  EXPECT_EQ(to_endpoint(got.slots[0].from), near.local());
  EXPECT_EQ(far.try_receive(got.slots).error(), errc::would_block);
}

TEST(Udp, BatchesPassWithTheirSourceInOneCall) {
  run_loop loop;
  loop.run(batches_pass(loop.get_executor()));
}

asio::awaitable<void> connected_hears_its_peer_only(executor runs_on) {
  auto peer = udp_socket::bind(runs_on, any_port).value();
  auto stranger = udp_socket::bind(runs_on, any_port).value();
  auto near = udp_socket::connect(runs_on, peer.local()).value();
  EXPECT_EQ(near.remote(), peer.local());
  const std::vector<udp_departure> unnamed{{.bytes = base::as_bytes("question"), .to = {}}};
  EXPECT_EQ(near.try_send(unnamed), 1U);
  receiver question(1);
  EXPECT_TRUE(co_await peer.wait_readable(soon()));
  EXPECT_EQ(peer.try_receive(question.slots), 1U);
  EXPECT_EQ(to_endpoint(question.slots[0].from), near.local());
  const std::vector<udp_departure> forged{departure("forged", near.local())};
  const std::vector<udp_departure> answer{departure("answer", near.local())};
  EXPECT_EQ(stranger.try_send(forged), 1U);
  EXPECT_EQ(peer.try_send(answer), 1U);
  receiver got(4);
  EXPECT_TRUE(co_await near.wait_readable(soon()));
  EXPECT_EQ(near.try_receive(got.slots), 1U);
  EXPECT_EQ(got.text(0), "answer");
}

TEST(Udp, ConnectedSocketHearsItsPeerOnly) {
  run_loop loop;
  loop.run(connected_hears_its_peer_only(loop.get_executor()));
}

asio::awaitable<void> ipv6_passes(executor runs_on) {
  const endpoint any_ipv6{.host = "::1"};
  auto far = udp_socket::bind(runs_on, any_ipv6).value();
  auto near = udp_socket::bind(runs_on, any_ipv6).value();
  const std::vector<udp_departure> batch{departure("six", far.local())};
  EXPECT_EQ(near.try_send(batch), 1U);
  receiver got(1);
  EXPECT_TRUE(co_await far.wait_readable(soon()));
  EXPECT_EQ(far.try_receive(got.slots), 1U);
  EXPECT_EQ(to_endpoint(got.slots[0].from), near.local());
}

TEST(Udp, SourcesOfIpv6AreWhole) {
  run_loop loop;
  loop.run(ipv6_passes(loop.get_executor()));
}

asio::awaitable<void> cut_is_seen(executor runs_on) {
  auto far = udp_socket::bind(runs_on, any_port).value();
  auto near = udp_socket::connect(runs_on, far.local()).value();
  const std::vector<udp_departure> batch{departure("four", {"127.0.0.1", 9}),
                                         departure("longer", {"127.0.0.1", 9})};
  EXPECT_EQ(near.try_send(batch), 2U);
  receiver got(2, 4);
  EXPECT_TRUE(co_await far.wait_readable(soon()));
  EXPECT_EQ(far.try_receive(got.slots), 2U);
  EXPECT_EQ(got.slots[0].fit, udp_fit::whole);
  EXPECT_EQ(got.slots[1].fit, udp_fit::cut);
}

TEST(Udp, DatagramLongerThanItsRoomIsKnownAsCut) {
  run_loop loop;
  loop.run(cut_is_seen(loop.get_executor()));
}

asio::awaitable<void> closed_port_is_refused(executor runs_on) {
  auto gone = udp_socket::bind(runs_on, any_port).value();
  const auto place = gone.local();
  gone.close_now();
  auto near = udp_socket::connect(runs_on, place).value();
  const std::vector<udp_departure> batch{departure("anybody?", place)};
  EXPECT_EQ(near.try_send(batch), 1U);
  EXPECT_TRUE(co_await near.wait_readable(soon()));
  receiver got(1);
  EXPECT_EQ(near.try_receive(got.slots).error(), errc::connect_refused);
}

TEST(Udp, ClosedPortRefusesAConnectedSocket) {
  run_loop loop;
  loop.run(closed_port_is_refused(loop.get_executor()));
}

asio::awaitable<void> silence_times_out(executor runs_on) {
  auto near = udp_socket::bind(runs_on, any_port).value();
  const auto moment = deadline_after(std::chrono::milliseconds(20));
  EXPECT_EQ((co_await near.wait_readable(moment)).error(), errc::timed_out);
  EXPECT_TRUE(co_await near.wait_writable(soon()));
  const std::vector<udp_departure> batch{departure("late", near.local())};
  EXPECT_EQ(near.try_send(batch), 1U);
  EXPECT_TRUE(co_await near.wait_readable(soon()));
}

TEST(Udp, SilenceTimesOutAndTheSocketStaysUsable) {
  run_loop loop;
  loop.run(silence_times_out(loop.get_executor()));
}

asio::awaitable<void> close_ends_a_wait(executor runs_on) {
  auto near = udp_socket::bind(runs_on, any_port).value();
  scope background(runs_on);
  base::result<> outcome;
  EXPECT_TRUE(background.spawn(keep(near.wait_readable(no_deadline), &outcome)));
  EXPECT_TRUE(co_await yield_to_others());
  near.close_now();
  EXPECT_TRUE(co_await background.join(soon()));
  EXPECT_EQ(outcome.error(), errc::cancelled);
  EXPECT_FALSE(near.is_open());
}

TEST(Udp, ClosingTheSocketEndsAWait) {
  run_loop loop;
  loop.run(close_ends_a_wait(loop.get_executor()));
}

asio::awaitable<void> cancel_ends_a_wait(executor runs_on) {
  auto near = udp_socket::bind(runs_on, any_port).value();
  scope background(runs_on);
  base::result<> outcome;
  EXPECT_TRUE(background.spawn(keep(near.wait_readable(no_deadline), &outcome)));
  EXPECT_TRUE(co_await yield_to_others());
  background.cancel();
  EXPECT_TRUE(co_await background.join(soon()));
  EXPECT_EQ(outcome.error(), errc::cancelled);
  EXPECT_TRUE(near.is_open());
}

TEST(Udp, CancelEndsAWait) {
  run_loop loop;
  loop.run(cancel_ends_a_wait(loop.get_executor()));
}

TEST(Udp, BatchesAreCappedAndBuffersWiden) {
  run_loop loop;
  auto near = udp_socket::bind(loop.get_executor(), any_port).value();
  EXPECT_TRUE(near.widen_buffers(256 * base::kibibyte));
  const std::vector<udp_departure> many(udp_batch_most + 5, departure("x", near.local()));
  EXPECT_EQ(near.try_send(many), udp_batch_most);
}

TEST(Udp, PlacesKeepTheAddressOfBothFamilies) {
  for (const endpoint& place :
       {endpoint{.host = "192.0.2.1", .port = 65535}, endpoint{.host = "2001:db8::1", .port = 1}}) {
    EXPECT_EQ(to_endpoint(to_udp_place(place).value()), place);
  }
}

TEST(Udp, NamesAreNoAddresses) {
  run_loop loop;
  EXPECT_EQ(udp_socket::bind(loop.get_executor(), {.host = "localhost", .port = 0}).error(),
            errc::address_invalid);
  EXPECT_EQ(udp_socket::connect(loop.get_executor(), {.host = "name", .port = 1}).error(),
            errc::address_invalid);
}

}
}
