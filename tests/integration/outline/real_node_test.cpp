#include <latch>

#include "httvps/net/scope.hpp"
#include "outline/node_fixture.hpp"

namespace httvps::gateway {
namespace {

using httvps::testing::pattern;
using httvps::testing::ss_server;
using httvps::testing::tcp_origin;
using httvps::testing::tcp_socket;
using testing::collecting_sink;
using testing::dial;
using testing::key_for;
using testing::loopback_target;
using testing::make_dialer;
using testing::make_node;
using testing::run_loop;
using testing::soon;
using shared_node = std::shared_ptr<outline_node>;

struct exchange {
  shared_node node;
  std::uint16_t origin = 0;
  base::byte_vector body;
  std::size_t first = 0;

  connect_request request() const {
    return {.node = node,
            .target = loopback_target(origin),
            .first_payload =
                base::byte_vector(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(first))};
  }
  base::byte_view rest() const { return base::byte_view(body).subspan(first); }
};

class RealNode : public ::testing::TestWithParam<shadowsocks::cipher_method> {
 protected:
  shared_node node() const { return make_node(key_for(server_.port(), GetParam())); }

  ss_server server_{GetParam()};
};

net::asio::awaitable<void> echo_everything(exchange plan) {
  const auto connection = (co_await dial(make_dialer(), plan.request())).value();
  net::scope senders(co_await net::asio::this_coro::executor);
  EXPECT_TRUE(senders.spawn(testing::send_all(connection, plan.rest())));
  const auto sink = std::make_shared<collecting_sink>();
  EXPECT_TRUE(co_await testing::receive_at_least(connection, sink, plan.body.size()));
  EXPECT_TRUE(co_await senders.join(soon()));
  EXPECT_TRUE(std::ranges::equal(sink->view(), plan.body));
  EXPECT_EQ(connection->traffic().up, plan.body.size());
  EXPECT_EQ(connection->traffic().down, plan.body.size());
  EXPECT_EQ(connection->owned_bytes(), 0U);
  EXPECT_EQ(plan.node->health().connects, 1U);
}

TEST_P(RealNode, EchoesEveryByteAndCountsPayloadOnly) {
  const tcp_origin origin(httvps::testing::echo_until_end);
  run_loop loop;
  loop.run(echo_everything({.node = node(),
                            .origin = origin.port(),
                            .body = pattern(std::size_t{5} * 1024 * 1024 + 3),
                            .first = first_payload_limit}));
}

TEST_P(RealNode, WorksWithoutAFirstPayload) {
  const tcp_origin origin(httvps::testing::echo_until_end);
  run_loop loop;
  loop.run(echo_everything({.node = node(), .origin = origin.port(), .body = pattern(10)}));
}

TEST_P(RealNode, IsFoundByName) {
  const tcp_origin origin(httvps::testing::echo_until_end);
  auto key = key_for(server_.port(), GetParam());
  key.host = "localhost";
  const auto named = make_node(std::move(key));
  run_loop loop;
  loop.run(echo_everything({.node = named, .origin = origin.port(), .body = pattern(10)}));
  EXPECT_FALSE(named->needs_lookup(base::real_clock().steady_now()));
}

net::asio::awaitable<void> expect_answer_after_end(exchange plan) {
  const auto connection = (co_await dial(make_dialer(), plan.request())).value();
  EXPECT_TRUE(connection->shutdown_send());
  EXPECT_EQ(connection->try_send(plan.body).error(), outline_errc::sending_ended);
  const auto sink = std::make_shared<collecting_sink>();
  EXPECT_TRUE(co_await testing::receive_until_end(connection, sink));
  EXPECT_TRUE(std::ranges::equal(sink->view(), plan.body));
}

TEST_P(RealNode, AnswerSurvivesAnEarlyEndOfTheRequest) {
  const auto body = pattern(100'000);
  const tcp_origin origin([&body](tcp_socket& connection) {
    base::byte_array<1> question;
    connection.receive(question);
    connection.send_all(body);
  });
  run_loop loop;
  loop.run(
      expect_answer_after_end({.node = node(), .origin = origin.port(), .body = body, .first = 1}));
}

net::asio::awaitable<void> end_quietly(exchange plan) {
  const auto connection = (co_await dial(make_dialer(), plan.request())).value();
  EXPECT_TRUE(connection->shutdown_send());
  const auto sink = std::make_shared<collecting_sink>();
  EXPECT_TRUE(co_await testing::receive_until_end(connection, sink));
  EXPECT_EQ(sink->size(), 0U);
}

TEST_P(RealNode, EndOfTheRequestReachesASilentTarget) {
  std::latch ended(1);
  std::optional<base::byte_vector> received;
  const tcp_origin origin([&](tcp_socket& connection) {
    received = httvps::testing::receive_whole(connection);
    ended.count_down();
  });
  run_loop loop;
  loop.run(
      end_quietly({.node = node(), .origin = origin.port(), .body = pattern(999), .first = 999}));
  ended.wait();
  EXPECT_EQ(received, pattern(999));
}

net::asio::awaitable<void> expect_no_answer(exchange plan) {
  const auto connection = (co_await dial(make_dialer(), plan.request())).value();
  const auto sink = std::make_shared<collecting_sink>();
  const auto outcome = co_await testing::receive_until_end(connection, sink);
  EXPECT_EQ(outcome.error(), outline_errc::target_unreachable_or_closed);
  EXPECT_EQ(plan.node->health().failures, 0U);
}

TEST_P(RealNode, TargetThatRefusesIsNamedAndNotTheNodesFault) {
  run_loop loop;
  loop.run(expect_no_answer(
      {.node = node(), .origin = httvps::testing::free_port(), .body = pattern(10), .first = 10}));
}

base::steady_time in_a_blink() {
  return net::deadline_after(std::chrono::milliseconds(100));
}

net::asio::awaitable<void> push_against_a_closed_door(exchange plan, std::latch* open_door) {
  const auto connection = (co_await dial(make_dialer(), plan.request())).value();
  auto rest = plan.rest();
  std::size_t most_owned = 0;
  bool is_blocked = false;
  while (!is_blocked && !rest.empty()) {
    rest = rest.subspan(connection->try_send(rest).value());
    most_owned = std::max(most_owned, connection->owned_bytes());
    if (connection->has_backlog()) {
      const auto waited = co_await connection->wait_writable(in_a_blink());
      is_blocked = !waited && waited.error() == net::errc::timed_out;
    }
  }
  EXPECT_TRUE(is_blocked);
  EXPECT_GT(most_owned, 0U);
  EXPECT_LE(most_owned, first_payload_limit + 1024);
  open_door->count_down();
  EXPECT_TRUE(co_await testing::send_all(connection, rest));
  const auto sink = std::make_shared<collecting_sink>();
  EXPECT_TRUE(co_await testing::receive_at_least(connection, sink, 1));
  EXPECT_EQ(sink->size(), 1U);
}

TEST_P(RealNode, SlowTargetHoldsTheSenderWithBoundedMemory) {
  const auto body = pattern(std::size_t{40} * 1024 * 1024);
  std::latch door(1);
  bool is_same = false;
  const tcp_origin origin([&](tcp_socket& connection) {
    door.wait();
    base::byte_vector received(body.size());
    for (base::byte_span rest = received; !rest.empty();) {
      const auto count = connection.receive(rest).value_or(0);
      if (count == 0) {
        break;
      }
      rest = rest.subspan(count);
    }
    is_same = received == body;
    connection.send_all(pattern(1));
  });
  run_loop loop;
  loop.run(
      push_against_a_closed_door({.node = node(), .origin = origin.port(), .body = body}, &door));
  EXPECT_TRUE(is_same);
}

constexpr auto most_kept =
    node_receive_size + shadowsocks::max_chunk_payload + shadowsocks::tag_size;

net::asio::awaitable<void> drink_in_sips(exchange plan) {
  const auto connection = (co_await dial(make_dialer(), plan.request())).value();
  const auto sink = std::make_shared<collecting_sink>(0);
  std::size_t pauses = 0;
  while (sink->size() < plan.body.size()) {
    const auto state = connection->receive(*sink);
    EXPECT_TRUE(state);
    EXPECT_LE(connection->owned_bytes(), most_kept);
    if (state == receive_state::paused) {
      ++pauses;
      EXPECT_GT(connection->wanted_room(), 0U);
      sink->allow(40'000);
    } else if (state == receive_state::drained && sink->size() < plan.body.size()) {
      EXPECT_TRUE(co_await connection->wait_readable(soon()));
    }
  }
  EXPECT_GT(pauses, 20U);
  EXPECT_TRUE(std::ranges::equal(sink->view(), plan.body));
  EXPECT_EQ(connection->owned_bytes(), 0U);
}

TEST_P(RealNode, ReaderWithoutRoomPausesAndLosesNothing) {
  const auto body = pattern(1'000'000);
  const tcp_origin origin([&body](tcp_socket& connection) {
    base::byte_array<1> question;
    connection.receive(question);
    connection.send_all(body);
    connection.receive(question);
  });
  run_loop loop;
  loop.run(drink_in_sips({.node = node(), .origin = origin.port(), .body = body, .first = 1}));
}

INSTANTIATE_TEST_SUITE_P(EachCipher, RealNode, ::testing::ValuesIn(httvps::testing::all_methods),
                         [](const auto& chosen) {
                           auto name = std::string(shadowsocks::name_of(chosen.param));
                           std::erase(name, '-');
                           return name;
                         });

}
}
