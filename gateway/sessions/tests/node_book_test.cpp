#include "httvps/gateway/sessions/node_book.hpp"

#include <gtest/gtest.h>

#include "httvps/gateway/outline/errc.hpp"

namespace httvps::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr base::steady_time start{std::chrono::hours(1)};

assigned_node node_of(std::string id, std::string_view url = "ss://aes-128-gcm:x@192.0.2.1:443") {
  return {
      .node_id = std::move(id), .access_url = base::secret_bytes::from_text(url), .weight = 1000};
}

TEST(NodeBook, GivesTheFirstCandidateWhileNothingIsKnown) {
  node_book book;
  base::seeded_random random(1);
  EXPECT_EQ(book.choose_for("dev", random).first, nullptr);
  ASSERT_TRUE(book.learn("dev", {.nodes = {node_of("a"), node_of("b")}}, start));
  EXPECT_EQ(book.choose_for("dev", random).first->id(), "a");
}

TEST(NodeBook, LeavesANodeThatFailsForOneThatAnswers) {
  node_book book;
  base::seeded_random random(1);
  ASSERT_TRUE(book.learn("dev", {.nodes = {node_of("a"), node_of("b")}}, start));
  for (const auto& node : book.watched(start)) {
    if (node->id() == "a") {
      node->note_failed(outline_errc::node_timed_out, start);
    } else {
      node->note_connected(milliseconds(20), start);
    }
  }
  EXPECT_EQ(book.choose_for("dev", random).first->id(), "b");
}

TEST(NodeBook, CheapestOtherNodeIsTheReserve) {
  node_book book;
  base::seeded_random random(1);
  ASSERT_TRUE(book.learn("dev", {.nodes = {node_of("a"), node_of("b"), node_of("c")}}, start));
  for (const auto& node : book.watched(start)) {
    node->note_connected(node->id() == "c" ? milliseconds(20) : milliseconds(30), start);
  }
  const auto nodes = book.choose_for("dev", random);
  EXPECT_EQ(nodes.first->id(), "a");
  EXPECT_EQ(nodes.reserve->id(), "c");
}

TEST(NodeBook, SingleNodeHasNoReserve) {
  node_book book;
  base::seeded_random random(1);
  ASSERT_TRUE(book.learn("dev", {.nodes = {node_of("a")}}, start));
  EXPECT_EQ(book.choose_for("dev", random).reserve, nullptr);
}

TEST(NodeBook, ReserveGoesFirstWhileTheFirstNodeFails) {
  node_book book;
  base::seeded_random random(1);
  ASSERT_TRUE(book.learn("dev", {.nodes = {node_of("a"), node_of("b")}}, start));
  const auto nodes = book.choose_for("dev", random);
  EXPECT_EQ(nodes.in_order().first->id(), "a");
  nodes.first->note_failed(outline_errc::node_timed_out, start);
  EXPECT_EQ(nodes.in_order().first->id(), "b");
  EXPECT_EQ(nodes.in_order().reserve->id(), "a");
  nodes.reserve->note_failed(outline_errc::node_timed_out, start);
  EXPECT_EQ(nodes.in_order().first->id(), "a");
  nodes.first->note_connected(milliseconds(20), start);
  EXPECT_EQ(nodes.in_order().first->id(), "a");
}

TEST(NodeBook, SharesNodesBetweenDevicesAndTakesNewKeys) {
  node_book book;
  base::seeded_random random(1);
  ASSERT_TRUE(book.learn("one", {.nodes = {node_of("a")}}, start));
  ASSERT_TRUE(book.learn("two", {.nodes = {node_of("a")}}, start));
  const auto before = book.choose_for("one", random).first;
  EXPECT_EQ(before, book.choose_for("two", random).first);
  ASSERT_TRUE(
      book.learn("two", {.nodes = {node_of("a", "ss://aes-128-gcm:y@192.0.2.1:443")}}, start));
  EXPECT_EQ(before, book.choose_for("one", random).first);
  const auto renewed = shadowsocks::derive_master_key(before->master_key().method(),
                                                      base::secret_bytes::from_text("y"));
  EXPECT_EQ(before->master_key(), *renewed);
  ASSERT_TRUE(
      book.learn("two", {.nodes = {node_of("a", "ss://aes-128-gcm:y@192.0.2.2:443")}}, start));
  EXPECT_NE(before, book.choose_for("one", random).first);
}

TEST(NodeBook, SaysWhichKeysAreOlder) {
  node_book book;
  ASSERT_TRUE(book.learn("one", {.nodes = {node_of("a")}}, start));
  EXPECT_FALSE(book.is_older("a", start));
  EXPECT_TRUE(book.is_older("a", start + seconds(1)));
  EXPECT_FALSE(book.is_older("b", start + seconds(1)));
  ASSERT_TRUE(book.learn("two", {.nodes = {node_of("a")}}, start + seconds(1)));
  EXPECT_FALSE(book.is_older("a", start + seconds(1)));
}

TEST(NodeBook, PassesOverAKeyThatItCannotUse) {
  node_book book;
  base::seeded_random random(1);
  ASSERT_TRUE(book.learn("dev", {.nodes = {node_of("bad", "http://x"), node_of("b")}}, start));
  EXPECT_EQ(book.choose_for("dev", random).first->id(), "b");
  EXPECT_FALSE(book.learn("dev", {.nodes = {node_of("bad", "http://x")}}, start));
}

TEST(NodeBook, OutcomesAreTakenOnce) {
  node_book book;
  ASSERT_TRUE(book.learn("dev", {.nodes = {node_of("a"), node_of("b")}}, start));
  const auto node = book.watched(start).front();
  node->note_connected(milliseconds(4), start);
  node->note_connected(milliseconds(6), start);
  node->note_failed(outline_errc::node_refused, start);
  const auto taken = book.take_outcomes(256);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].node_id, "a");
  EXPECT_EQ(taken[0].succeeded, 2U);
  EXPECT_EQ(taken[0].failed, 1U);
  EXPECT_EQ(taken[0].took, milliseconds(10));
  EXPECT_TRUE(book.take_outcomes(256).empty());
}

TEST(NodeBook, WatchesNodesThatWereAssignedLately) {
  node_book book;
  ASSERT_TRUE(book.learn("dev", {.nodes = {node_of("a")}}, start));
  EXPECT_EQ(book.watched(start + minutes(19)).size(), 1U);
  EXPECT_TRUE(book.watched(start + minutes(20)).empty());
}

TEST(NodeBook, IsBounded) {
  node_book book;
  for (std::size_t i = 0; i < known_nodes_most + 10; ++i) {
    ASSERT_TRUE(
        book.learn("dev", {.nodes = {node_of("n" + std::to_string(i))}}, start + seconds(i)));
  }
  EXPECT_EQ(book.size(), known_nodes_most);
}

}
}
