#include "httvps/net/tcp.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "httvps/net/scope.hpp"
#include "link_talk.hpp"
#include "run_loop.hpp"
#include "stream_pair.hpp"

namespace httvps::net {
namespace {

using testing::connect_pair;
using testing::keep;
using testing::run_loop;
using testing::soon;

base::steady_time in_a_moment() {
  return deadline_after(std::chrono::milliseconds(20));
}

asio::awaitable<void> bytes_arrive(executor) {
  auto pair = co_await connect_pair();
  EXPECT_TRUE(pair);
  const auto sent = base::as_bytes("hello");
  EXPECT_TRUE(co_await pair->near.write_all(sent, soon()));
  base::byte_vector space(16);
  EXPECT_EQ(co_await pair->far.read_some(space, soon()), 5U);
  EXPECT_EQ(pair->near.remote(), pair->far.local());
  pair->near.close_now();
  EXPECT_EQ((co_await pair->far.read_some(space, soon())).error(), errc::connection_closed);
}

TEST(Tcp, BytesArriveAndAnEndIsAClosedConnection) {
  run_loop loop;
  loop.run(bytes_arrive(loop.get_executor()));
}

asio::awaitable<void> reset_is_seen(executor) {
  auto pair = co_await connect_pair();
  base::byte_vector space(16);
  pair->near.reset();
  EXPECT_EQ((co_await pair->far.read_some(space, soon())).error(), errc::connection_reset);
}

TEST(Tcp, AResetIsNamed) {
  run_loop loop;
  loop.run(reset_is_seen(loop.get_executor()));
}

asio::awaitable<void> unknown_control_is_left(executor) {
  auto pair = co_await connect_pair();
  const auto before = pair->near.congestion_control();
  EXPECT_FALSE(before.empty());
  pair->near.tune({.congestion_control = "no-such-control"});
  EXPECT_EQ(pair->near.congestion_control(), before);
  EXPECT_TRUE(co_await pair->near.write_all(base::as_bytes("on"), soon()));
  base::byte_vector space(4);
  EXPECT_EQ(co_await pair->far.read_some(space, soon()), 2U);
}

TEST(Tcp, ACongestionControlThatIsAbsentLeavesTheKernelsOwn) {
  run_loop loop;
  loop.run(unknown_control_is_left(loop.get_executor()));
}

asio::awaitable<void> reno_is_taken(executor) {
  auto pair = co_await connect_pair();
  pair->near.tune({.congestion_control = "reno"});
  EXPECT_EQ(pair->near.congestion_control(), "reno");
}

TEST(Tcp, ACongestionControlThatIsThereIsTaken) {
  run_loop loop;
  loop.run(reno_is_taken(loop.get_executor()));
}

std::size_t fill(tcp_stream& stream) {
  const base::byte_vector block(64 * 1024);
  std::size_t total = 0;
  while (const auto sent = stream.try_write(block)) {
    total += *sent;
  }
  return total;
}

asio::awaitable<void> unsent_is_bounded(executor) {
  auto free = co_await connect_pair();
  auto bounded = co_await connect_pair();
  constexpr std::size_t most = 64 * 1024;
  bounded->near.tune({.unsent_most = most});
  const auto without = fill(free->near);
  const auto with = fill(bounded->near);
  EXPECT_LT(with + 4 * most, without);
  EXPECT_GT(free->near.unacknowledged(), most);
  EXPECT_LE(free->near.unacknowledged(), without);
}

TEST(Tcp, TuningBoundsWhatTheKernelHoldsUnsent) {
  run_loop loop;
  loop.run(unsent_is_bounded(loop.get_executor()));
}

TEST(Tcp, CarriersTakeBbrWhereTheKernelHasIt) {
  std::ifstream file("/proc/sys/net/ipv4/tcp_available_congestion_control");
  const std::string offered{std::istreambuf_iterator<char>(file), {}};
  const auto name = carrier_congestion_control();
  EXPECT_EQ(name == "bbr", offered.find("bbr") != std::string::npos) << name;
}

asio::awaitable<void> silence_times_out(executor) {
  auto pair = co_await connect_pair();
  base::byte_vector space(16);
  EXPECT_EQ((co_await pair->far.read_some(space, in_a_moment())).error(), errc::timed_out);
  EXPECT_TRUE(co_await pair->near.write_all(base::as_bytes("late"), soon()));
  EXPECT_EQ(co_await pair->far.read_some(space, soon()), 4U);
}

TEST(Tcp, ASilentPeerTimesOutAndTheConnectionStaysUsable) {
  run_loop loop;
  loop.run(silence_times_out(loop.get_executor()));
}

task<> fill_until_blocked(tcp_stream* stream) {
  const base::byte_vector block(64 * 1024);
  while (true) {
    const auto sent = stream->try_write(block);
    if (!sent) {
      EXPECT_EQ(sent.error(), errc::would_block);
      co_return base::result<>();
    }
  }
}

asio::awaitable<void> one_direction_times_out_alone(executor runs_on) {
  auto pair = co_await connect_pair();
  EXPECT_TRUE(co_await fill_until_blocked(&pair->near));
  scope background(runs_on);
  base::result<> writable;
  EXPECT_TRUE(background.spawn(keep(pair->near.wait_writable(in_a_moment()), &writable)));
  scope reading(runs_on);
  base::result<> readable;
  EXPECT_TRUE(reading.spawn(keep(pair->near.wait_readable(soon()), &readable)));
  EXPECT_TRUE(co_await background.join(soon()));
  EXPECT_EQ(writable.error(), errc::timed_out);
  EXPECT_EQ(reading.size(), 1U);
  EXPECT_TRUE(co_await pair->far.write_all(base::as_bytes("x"), soon()));
  EXPECT_TRUE(co_await reading.join(soon()));
  EXPECT_TRUE(readable);
}

TEST(Tcp, ATimeoutOfOneDirectionLeavesTheOtherWaiting) {
  run_loop loop;
  loop.run(one_direction_times_out_alone(loop.get_executor()));
}

asio::awaitable<void> cancel_ends_a_wait(executor runs_on) {
  auto pair = co_await connect_pair();
  scope background(runs_on);
  base::result<> outcome;
  EXPECT_TRUE(background.spawn(keep(pair->near.wait_readable(no_deadline), &outcome)));
  EXPECT_TRUE(co_await yield_to_others());
  background.cancel();
  EXPECT_TRUE(co_await background.join(soon()));
  EXPECT_EQ(outcome.error(), errc::cancelled);
}

TEST(Tcp, CancelEndsAWait) {
  run_loop loop;
  loop.run(cancel_ends_a_wait(loop.get_executor()));
}

asio::awaitable<void> close_now_ends_a_wait(executor runs_on) {
  auto pair = co_await connect_pair();
  scope background(runs_on);
  base::result<> outcome;
  EXPECT_TRUE(background.spawn(keep(pair->near.wait_readable(no_deadline), &outcome)));
  EXPECT_TRUE(co_await yield_to_others());
  pair->near.close_now();
  EXPECT_TRUE(co_await background.join(soon()));
  EXPECT_EQ(outcome.error(), errc::cancelled);
}

TEST(Tcp, ClosingTheSocketEndsAWait) {
  run_loop loop;
  loop.run(close_now_ends_a_wait(loop.get_executor()));
}

asio::awaitable<void> refused_port(executor runs_on) {
  const listen_options wanted = {.place = {.host = "127.0.0.1"}};
  auto listener = tcp_listener::open(runs_on, wanted);
  EXPECT_TRUE(listener);
  const auto place = listener->local();
  listener->close();
  EXPECT_EQ((co_await connect(place, soon())).error(), errc::connect_refused);
}

TEST(Tcp, AClosedPortRefuses) {
  run_loop loop;
  loop.run(refused_port(loop.get_executor()));
}

asio::awaitable<void> unknown_name(executor) {
  const endpoint place = {.host = "name.invalid", .port = 80};
  EXPECT_EQ((co_await connect(place, soon())).error(), errc::resolve_failed);
}

TEST(Tcp, AnUnknownNameDoesNotResolve) {
  run_loop loop;
  loop.run(unknown_name(loop.get_executor()));
}

asio::awaitable<void> localhost_connects(executor runs_on) {
  const listen_options wanted = {.place = {.host = "localhost"}};
  auto listener = tcp_listener::open(runs_on, wanted);
  const endpoint place = {.host = "localhost", .port = listener->local().port};
  EXPECT_TRUE(co_await connect(place, soon()));
}

TEST(Tcp, NamesAreTriedAddressByAddress) {
  run_loop loop;
  loop.run(localhost_connects(loop.get_executor()));
}

TEST(Tcp, ListenersOfManyThreadsShareOnePort) {
  run_loop loop;
  const listen_options first = {.place = {.host = "127.0.0.1"},
                                .sharing = port_sharing::reuse_port};
  const auto one = tcp_listener::open(loop.get_executor(), first);
  ASSERT_TRUE(one);
  const listen_options second = {.place = one->local(), .sharing = port_sharing::reuse_port};
  EXPECT_TRUE(tcp_listener::open(loop.get_executor(), second));
  const listen_options alone = {.place = one->local()};
  EXPECT_EQ(tcp_listener::open(loop.get_executor(), alone).error(), errc::address_in_use);
}

asio::awaitable<void> moved_stream_works(executor runs_on) {
  auto pair = co_await connect_pair();
  EXPECT_TRUE(pair->near.move_to(runs_on));
  EXPECT_TRUE(co_await pair->far.write_all(base::as_bytes("moved"), soon()));
  base::byte_vector space(16);
  EXPECT_EQ(co_await pair->near.read_some(space, soon()), 5U);
}

TEST(Tcp, AStreamCanMoveToAnotherExecutor) {
  run_loop loop;
  loop.run(moved_stream_works(loop.get_executor()));
}

std::set<int> descriptors_named(const std::string& wanted) {
  std::set<int> found;
  for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(each.path(), gone).string();
    if (!gone && target.starts_with(wanted)) {
      found.insert(std::stoi(each.path().filename().string()));
    }
  }
  return found;
}

void break_polling_of(asio::io_context& context) {
  const std::string polling = "anon_inode:[eventpoll]";
  const auto others = descriptors_named(polling);
  const asio::ip::tcp::socket first_user(context);
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  for (const int each : descriptors_named(polling)) {
    if (!others.contains(each)) {
      ::dup2(nothing, each);
    }
  }
  ::close(nothing);
}

asio::awaitable<void> failed_move_leaves_nothing_open(executor) {
  auto pair = co_await connect_pair();
  asio::io_context elsewhere;
  break_polling_of(elsewhere);
  const auto before = descriptors_named("socket:").size();
  EXPECT_FALSE(pair->near.move_to(elsewhere.get_executor()));
  EXPECT_FALSE(pair->near.is_open());
  EXPECT_EQ(descriptors_named("socket:").size(), before - 1);
  base::byte_vector space(16);
  EXPECT_EQ((co_await pair->far.read_some(space, soon())).error(), errc::connection_closed);
}

TEST(Tcp, AMoveThatFailsClosesTheConnection) {
  run_loop loop;
  loop.run(failed_move_leaves_nothing_open(loop.get_executor()));
}

}
}
