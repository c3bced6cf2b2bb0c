#include <fmt/format.h>
#include <gtest/gtest.h>

#include "plain_pair.hpp"

namespace httvps::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t readers = 7;
constexpr byte_count bytes_each = 4'000'000;
const wire::target somewhere = wire::domain_target{"example.com", 443};

enum class company { none, stalled_reader };

base::duration time_of_readers(std::size_t carriers, company with) {
  plain_pair pair(carriers, {.delay = 40ms, .bytes_a_second = 5'000'000, .capacity = 200'000});
  pair.run_until(pair.time.now() + 1s);
  const auto start = pair.time.now();
  const std::size_t streams = readers + (with == company::stalled_reader ? 1 : 0);
  for (std::size_t i = 0; i < streams; ++i) {
    const auto opened = pair.client.session().open(somewhere, {}, pair.time.now());
    if (i == readers) {
      pair.client.stalled.insert(opened.value());
    }
  }
  pair.client.pump();
  pair.run_until(start + 200ms);
  for (const auto stream : pair.gateway.opened) {
    pair.gateway.send(stream, bytes_each);
  }
  pair.gateway.pump();
  pair.run_until(start + 60s);
  EXPECT_EQ(pair.client.finished_at.size(), readers);
  base::steady_time last = start;
  for (const auto& [stream, when] : pair.client.finished_at) {
    last = std::max(last, when);
  }
  return last - start;
}

void expect_small_delay(std::size_t carriers) {
  const auto alone = time_of_readers(carriers, company::none);
  const auto beside = time_of_readers(carriers, company::stalled_reader);
  fmt::print("{} carriers: {} ms alone, {} ms beside a stalled reader\n", carriers, alone / 1ms,
             beside / 1ms);
  EXPECT_GT(alone, 1s);
  EXPECT_LT(beside, alone * 105 / 100);
}

TEST(SlowReader, DelaysTheOthersByLessThanATwentiethOnOneCarrier) {
  expect_small_delay(1);
}

TEST(SlowReader, DelaysTheOthersByLessThanATwentiethOnTwoCarriers) {
  expect_small_delay(2);
}

}
}
