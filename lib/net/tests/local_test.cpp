#include "httvps/net/local.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/this_coro.hpp>
#include <filesystem>
#include <string>

#include "carrier_pair.hpp"
#include "httvps/base/random.hpp"
#include "httvps/net/local_link.hpp"
#include "link_talk.hpp"
#include "run_loop.hpp"
#include "temporary_folder.hpp"

namespace httvps::net {
namespace {

using testing::converse;
using testing::run_loop;
using testing::side;
using testing::soon;

constexpr uid_t somebody_else = 54321;

base::byte_vector random_bytes(std::size_t size) {
  base::byte_vector bytes(size);
  base::seeded_random(size + 1).fill(bytes);
  return bytes;
}

struct Local : ::testing::Test {
  local_place place(uid_t user = ::geteuid()) const {
    return {.path = folder + "/door.sock", .user = user};
  }

  const temporary_folder home;
  const std::string& folder = home.path();
  run_loop loop;
};

struct local_links {
  local_link near;
  local_link far;
};

task<local_links> connect_links(local_place place) {
  const executor here = co_await asio::this_coro::executor;
  HTTVPS_CO_TRY(auto listener, local_listener::open(here, place));
  HTTVPS_CO_TRY(auto near, connect_local(here, place));
  HTTVPS_CO_TRY(auto far, co_await listener.accept());
  listener.close();
  co_return local_links{.near = local_link(std::move(near)), .far = local_link(std::move(far))};
}

asio::awaitable<void> opens_for_its_user_only(local_place place) {
  const executor here = co_await asio::this_coro::executor;
  auto listener = local_listener::open(here, place);
  EXPECT_TRUE(listener);
  struct stat facts{};
  EXPECT_EQ(::stat(place.path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
  listener->close();
  EXPECT_FALSE(std::filesystem::exists(place.path));
  EXPECT_FALSE(connect_local(here, place));
}

TEST_F(Local, SocketIsItsOwnersAndGoesWithItsListener) {
  loop.run(opens_for_its_user_only(place()));
}

asio::awaitable<void> other_users_are_refused(local_place place) {
  const executor here = co_await asio::this_coro::executor;
  auto strict = place;
  strict.user = somebody_else;
  auto listener = local_listener::open(here, strict);
  EXPECT_TRUE(listener);
  EXPECT_EQ(connect_local(here, strict).error(), errc::peer_of_another_user);
  EXPECT_EQ((co_await listener->accept()).error(), errc::peer_of_another_user);
  const auto visitor = connect_local(here, place);
  EXPECT_TRUE(visitor);
  EXPECT_EQ((co_await listener->accept()).error(), errc::peer_of_another_user);
  listener->close();
}

TEST_F(Local, PeersOfAnotherUserAreRefusedOnBothSides) {
  loop.run(other_users_are_refused(place()));
}

TEST_F(Local, PathsThatDoNotFitAreRefused) {
  const local_place far_away{.path = folder + "/" + std::string(120, 'x'), .user = ::geteuid()};
  EXPECT_EQ(local_listener::open(loop.get_executor(), far_away).error(), errc::address_invalid);
  EXPECT_EQ(connect_local(loop.get_executor(), far_away).error(), errc::address_invalid);
}

asio::awaitable<void> everything_arrives(local_place place) {
  auto links = co_await connect_links(place);
  EXPECT_TRUE(links);
  const auto up = random_bytes(3'000'001);
  const auto down = random_bytes(2'000'003);
  side near = {.link = &links->near, .out = up, .step = 70'000, .wanted = down.size()};
  side far = {.link = &links->far, .out = down, .step = 999, .wanted = up.size()};
  EXPECT_TRUE(co_await converse(&near, &far));
  EXPECT_TRUE(far.got == up);
  EXPECT_TRUE(near.got == down);
}

TEST_F(Local, LinkCarriesEveryByteBothWays) {
  loop.run(everything_arrives(place()));
}

task<link_state> state_after_reading(local_link* link) {
  HTTVPS_CO_CHECK(co_await link->wait_readable(soon()));
  co_return link->receive([](base::byte_view) {});
}

asio::awaitable<void> end_is_named(local_place place) {
  auto links = co_await connect_links(place);
  EXPECT_TRUE(links);
  links->near.stream().socket().close_now();
  EXPECT_EQ((co_await state_after_reading(&links->far)).error(), errc::connection_reset);
  auto others = co_await connect_links(place);
  EXPECT_TRUE(others);
  EXPECT_TRUE(co_await others->near.close(1000, deadline_after(std::chrono::milliseconds(20))));
  EXPECT_EQ(co_await state_after_reading(&others->far), link_state::closed);
  EXPECT_EQ(others->near.send([](base::byte_span) { return std::size_t{0}; }).error(),
            errc::connection_closed);
}

TEST_F(Local, CutIsACutAndACloseIsAClose) {
  loop.run(end_is_named(place()));
}

asio::awaitable<void> traffic_is_that_of_a_carrier(local_place place) {
  auto links = co_await connect_links(place);
  EXPECT_TRUE(links);
  links->near.stream().note_sent_elsewhere(5000);
  base::byte_vector left = random_bytes(40'000);
  base::byte_view rest = left;
  EXPECT_TRUE(links->near.send([&rest](base::byte_span space) {
    const auto count = std::min(space.size(), rest.size());
    base::copy_bytes(space, rest.first(count));
    rest = rest.subspan(count);
    return count;
  }));
  EXPECT_EQ(links->near.stream().ciphertext_traffic().sent, 5000 + 40'000 + 3 * local_record_cost);
}

TEST_F(Local, TrafficCountsWhatTheCarrierCostsOnTheWire) {
  loop.run(traffic_is_that_of_a_carrier(place()));
}

asio::awaitable<void> moved_link_works(local_place place) {
  auto links = co_await connect_links(place);
  EXPECT_TRUE(links);
  const executor here = co_await asio::this_coro::executor;
  EXPECT_TRUE(links->far.stream().move_to(here));
  const auto up = random_bytes(100'000);
  side near = {.link = &links->near, .out = up, .step = 70'000, .wanted = 0};
  side far = {.link = &links->far, .out = {}, .step = 1, .wanted = up.size()};
  EXPECT_TRUE(co_await converse(&near, &far));
  EXPECT_TRUE(far.got == up);
}

TEST_F(Local, LinkCanMoveToAnotherThread) {
  loop.run(moved_link_works(place()));
}

}
}
