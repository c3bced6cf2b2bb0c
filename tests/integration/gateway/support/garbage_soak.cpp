#include "gateway/support/garbage_soak.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <thread>

namespace httvps::testing {
namespace {

constexpr auto default_time = std::chrono::seconds(3);
constexpr auto sample_pause = std::chrono::milliseconds(20);
constexpr std::size_t senders = 2;

}

std::chrono::seconds soak_time() {
  const char* wanted = std::getenv("HTTVPS_SOAK_SECONDS");
  return wanted == nullptr ? default_time : std::chrono::seconds(std::stoi(wanted));
}

soak_outcome garbage_soak::run(const std::function<void(std::uint64_t round)>& send_garbage) {
  soak_outcome outcome{.start_kib = world_.gateway.resident_kib()};
  std::atomic<std::uint64_t> rounds{0};
  std::atomic<bool> over{false};
  std::array<std::thread, senders> threads;
  for (auto& each : threads) {
    each = std::thread([&] {
      while (!over) {
        send_garbage(rounds++);
      }
    });
  }
  const auto end = std::chrono::steady_clock::now() + soak_time();
  while (std::chrono::steady_clock::now() < end) {
    outcome.highest_kib = std::max(outcome.highest_kib, world_.gateway.resident_kib());
    std::this_thread::sleep_for(sample_pause);
  }
  over = true;
  for (auto& each : threads) {
    each.join();
  }
  outcome.rounds = rounds;
  return outcome;
}

}
