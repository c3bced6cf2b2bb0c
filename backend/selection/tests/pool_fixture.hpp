#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "httvps/backend/selection/member_pool.hpp"

namespace httvps::backend::selection {

class pool_fixture {
 public:
  explicit pool_fixture(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      add({.id = fmt::format("n{}", i), .region = "eu", .domain = fmt::format("d{}", i)});
    }
    run_for(std::chrono::seconds(70));
  }

  void add(const member& one) {
    pool.put(one, now);
    beating.push_back(one.id);
  }

  void run_for(std::chrono::seconds span) {
    for (const auto end = now + span; now < end;) {
      now += std::chrono::seconds(1);
      if ((now.time_since_epoch() / std::chrono::seconds(1)) % 5 == 0) {
        beat();
      }
      pool.advance(now);
    }
  }

  void silence(const std::string& id) { std::erase(beating, id); }

  std::optional<choice> choose(std::optional<std::string> held = {}, std::string key = "device") {
    return pool.choose(
        {.region = "eu", .key = std::move(key), .held = std::move(held), .granted = {}});
  }

  obstacle unfit(const std::string& id) const { return pool.find(id)->unfit; }

  std::size_t count(obstacle wanted) const {
    return static_cast<std::size_t>(
        std::ranges::count(pool.standings("eu"), wanted, &standing::unfit));
  }

  void fail(const std::string& id, std::uint64_t times) {
    pool.note_outcome({.member = id, .succeeded = 0, .failed = times, .round_trip = {}}, now);
  }

  void succeed(const std::string& id, std::uint64_t times) {
    pool.note_outcome({.member = id, .succeeded = times, .failed = 0, .round_trip = {}}, now);
  }

  member_pool pool;
  std::vector<std::string> beating;
  load_sample load{.sessions = 0, .cpu = 0.3, .bits_per_second = 0};
  base::steady_time now{std::chrono::hours(1)};

 private:
  void beat() {
    for (const auto& id : beating) {
      pool.note_heartbeat(id, load, now);
    }
  }
};

}
