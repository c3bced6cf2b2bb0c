#pragma once

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "support/replica_writers.hpp"

namespace httvps::testing {

inline constexpr std::size_t writers = 16;
inline constexpr std::uint64_t writes_a_second = 500;
inline constexpr std::uint64_t seconds_of_writes = 12;
inline constexpr std::uint64_t all_writes = writes_a_second * seconds_of_writes;

struct writer_crowd {
  writer_crowd(walk& world, const replica_addresses& replicas) {
    for (std::size_t number = 0; number < writers; ++number) {
      all.push_back(std::make_unique<replica_writer>(world, replicas, number));
      all.back()->enrol(world);
    }
  }

  void start() {
    const writer_pace pace{
        .writes = all_writes / writers,
        .interval = std::chrono::microseconds(std::chrono::seconds(1)) * writers / writes_a_second};
    for (const auto& writer : all) {
      running.push_back(std::async(std::launch::async,
                                   [this, pace, one = writer.get()] { one->run(pace, done); }));
    }
  }
  void wait_for(std::uint64_t writes) const {
    while (done < writes && std::ranges::any_of(
                                running,
                                [](const auto& one) {
                                  return one.wait_for(std::chrono::seconds(0)) !=
                                         std::future_status::ready;
                                })) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  void finish() {
    for (auto& one : running) {
      one.get();
    }
  }
  writer_totals sum() const {
    writer_totals total;
    for (const auto& writer : all) {
      const auto& each = writer->totals();
      total.batches += each.batches;
      total.up += each.up;
      total.down += each.down;
      total.writes += each.writes;
      total.retries += each.retries;
      total.users.insert(each.users.begin(), each.users.end());
      total.validations.insert(total.validations.end(), each.validations.begin(),
                               each.validations.end());
    }
    return total;
  }

  std::vector<std::unique_ptr<replica_writer>> all;
  std::vector<std::future<void>> running;
  std::atomic<std::uint64_t> done{0};
};

}
