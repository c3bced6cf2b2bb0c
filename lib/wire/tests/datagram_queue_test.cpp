#include "../src/datagram_queue.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "httvps/wire/limits.hpp"

namespace httvps::wire {
namespace {

using namespace std::chrono_literals;

constexpr base::steady_time start{std::chrono::hours(1)};
constexpr carrier_number first{1};
constexpr carrier_number second{2};

target resolver() {
  return ipv4_target{.address = {192, 0, 2, 53}, .port = 53};
}

bool push(datagram_queue& queue, std::uint64_t flow, std::size_t size,
          base::steady_time now = start) {
  const base::byte_vector payload(size, static_cast<std::uint8_t>(flow));
  return queue.push({.flow = flow, .target = resolver(), .payload = payload}, now);
}

std::vector<std::uint64_t> drain(datagram_queue& queue, carrier_number carrier) {
  std::vector<std::uint64_t> flows;
  while (const auto* datagram = queue.front(carrier)) {
    flows.push_back(datagram->flow);
    queue.pop(carrier);
  }
  return flows;
}

datagram_queue with_carriers(std::initializer_list<carrier_number> carriers) {
  datagram_queue queue;
  for (const auto carrier : carriers) {
    queue.attach(carrier);
  }
  return queue;
}

TEST(DatagramQueue, GivesBackWhatWasPutInOrder) {
  auto queue = with_carriers({first});
  const auto payload = base::as_bytes("question");
  const target named = domain_target{.name = "a-name-longer-than-inline.example", .port = 53};
  EXPECT_TRUE(queue.push({.flow = 7, .target = named, .payload = payload}, start));
  EXPECT_TRUE(push(queue, 8, 0));
  const auto* datagram = queue.front(first);
  ASSERT_NE(datagram, nullptr);
  EXPECT_EQ(datagram->flow, 7U);
  EXPECT_EQ(datagram->target, named);
  EXPECT_EQ(base::as_text(datagram->payload), "question");
  EXPECT_EQ(drain(queue, first), (std::vector<std::uint64_t>{7, 8}));
  EXPECT_TRUE(queue.empty());
}

TEST(DatagramQueue, DropsAndCountsWhileDetached) {
  datagram_queue queue;
  EXPECT_FALSE(push(queue, 1, 10));
  EXPECT_EQ(queue.drops().detached, 1U);
  queue.attach(first);
  EXPECT_TRUE(push(queue, 1, 10));
  EXPECT_TRUE(push(queue, 1, 10));
  queue.detach(first);
  EXPECT_EQ(queue.drops().detached, 3U);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.flows(), 0U);
}

TEST(DatagramQueue, FullQueueDropsTheOldestOfAllCarriers) {
  auto queue = with_carriers({first, second});
  const std::size_t size = 16 * base::kibibyte - datagram_cost - 100;
  for (std::uint64_t flow = 1; flow <= 4; ++flow) {
    EXPECT_TRUE(push(queue, flow, size));
  }
  EXPECT_EQ(queue.drops().full, 0U);
  EXPECT_TRUE(push(queue, 1, size));
  EXPECT_EQ(queue.drops().full, 1U);
  EXPECT_LE(queue.bytes(), 64 * base::kibibyte);
  EXPECT_EQ(drain(queue, first), (std::vector<std::uint64_t>{3, 1}));
  EXPECT_EQ(drain(queue, second), (std::vector<std::uint64_t>{2, 4}));
}

TEST(DatagramQueue, EmptyDatagramsAreBoundedToo) {
  auto queue = with_carriers({first});
  for (int i = 0; i < 100'000; ++i) {
    EXPECT_TRUE(push(queue, 1, 0));
  }
  EXPECT_EQ(drain(queue, first).size(), 64 * base::kibibyte / datagram_cost);
}

TEST(DatagramQueue, DatagramsOlderThanAHundredMillisecondsAreDropped) {
  auto queue = with_carriers({first});
  EXPECT_TRUE(push(queue, 1, 10, start));
  EXPECT_TRUE(push(queue, 2, 10, start + 60ms));
  EXPECT_EQ(queue.deadline(), start + 100ms);
  queue.expire(start + 99ms);
  EXPECT_EQ(queue.drops().late, 0U);
  queue.expire(start + 100ms);
  EXPECT_EQ(queue.drops().late, 1U);
  EXPECT_EQ(queue.deadline(), start + 160ms);
  EXPECT_EQ(drain(queue, first), (std::vector<std::uint64_t>{2}));
  EXPECT_EQ(queue.deadline(), std::nullopt);
}

TEST(DatagramQueue, FlowsArePinnedAndSpreadOverCarriers) {
  auto queue = with_carriers({first, second});
  for (std::uint64_t flow : {5U, 6U, 5U, 6U, 5U}) {
    EXPECT_TRUE(push(queue, flow, 10));
  }
  EXPECT_EQ(drain(queue, first), (std::vector<std::uint64_t>{5, 5, 5}));
  EXPECT_EQ(drain(queue, second), (std::vector<std::uint64_t>{6, 6}));
}

TEST(DatagramQueue, FlowsOfALostCarrierMoveInOrder) {
  auto queue = with_carriers({first, second});
  for (std::uint64_t flow : {1U, 2U, 1U, 2U}) {
    EXPECT_TRUE(push(queue, flow, 10));
  }
  queue.detach(first);
  EXPECT_EQ(queue.drops().all(), 0U);
  EXPECT_TRUE(push(queue, 1, 10));
  EXPECT_EQ(queue.front(first), nullptr);
  EXPECT_EQ(drain(queue, second), (std::vector<std::uint64_t>{1, 2, 1, 2, 1}));
}

TEST(DatagramQueue, WhatNoFrameCanCarryIsRefused) {
  auto queue = with_carriers({first});
  EXPECT_TRUE(push(queue, 1, data_payload_most));
  EXPECT_FALSE(push(queue, 1, data_payload_most + 1));
  EXPECT_FALSE(queue.push({.flow = 1, .target = reserved_target{"control"}, .payload = {}}, start));
  const base::byte_vector payload(data_payload_most);
  const target long_name = domain_target{.name = std::string(255, 'n'), .port = 53};
  EXPECT_FALSE(queue.push({.flow = 1, .target = long_name, .payload = payload}, start));
  EXPECT_FALSE(push(queue, std::uint64_t{1} << 62U, 1));
  EXPECT_EQ(queue.drops().malformed, 4U);
}

TEST(DatagramQueue, OldestPinGivesWayToANewFlow) {
  datagram_queue queue({.flows = 2});
  queue.attach(first);
  EXPECT_TRUE(push(queue, 1, 1, start));
  EXPECT_TRUE(push(queue, 2, 1, start + 1ms));
  EXPECT_TRUE(push(queue, 3, 1, start + 2ms));
  EXPECT_EQ(queue.flows(), 2U);
  EXPECT_EQ(drain(queue, first).size(), 3U);
}

RC_GTEST_PROP(DatagramQueue, LosesNothingItDoesNotCount, ()) {
  datagram_queue queue;
  base::steady_time now = start;
  std::uint64_t taken = 0;
  std::uint64_t tried = 0;
  std::map<std::uint64_t, std::uint64_t> last_of_flow;
  for (const auto step :
       *rc::gen::container<std::vector<std::uint16_t>>(rc::gen::arbitrary<std::uint16_t>())) {
    const carrier_number carrier{1U + step / 8U % 3U};
    now += std::chrono::milliseconds(step % 17U);
    switch (step % 8U) {
      case 0:
        queue.attach(carrier);
        break;
      case 1:
        queue.detach(carrier);
        break;
      case 2:
        queue.expire(now);
        break;
      case 3:
        if (const auto* datagram = queue.front(carrier)) {
          const auto order = datagram->payload.size();
          RC_ASSERT(order > last_of_flow[datagram->flow]);
          last_of_flow[datagram->flow] = order;
          ++taken;
          queue.pop(carrier);
        }
        break;
      default:
        ++tried;
        push(queue, step / 8U % 5U, tried, now);
    }
    RC_ASSERT(queue.bytes() <= 64 * base::kibibyte);
  }
  const auto dropped = queue.drops().all();
  std::uint64_t waiting = 0;
  for (std::uint64_t carrier = 1; carrier <= 3; ++carrier) {
    waiting += drain(queue, carrier_number{carrier}).size();
  }
  RC_ASSERT(tried == taken + dropped + waiting);
}

}
}
