#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <thread>

#include "httvps/backend/shared/redis_client.hpp"
#include "support/redis_server.hpp"

namespace httvps::backend::shared {

using std::chrono::milliseconds;
using std::chrono::seconds;
using steady = std::chrono::steady_clock;

inline bool eventually(const std::function<bool()>& holds, milliseconds limit = seconds(10)) {
  const auto end = steady::now() + limit;
  while (!holds()) {
    if (steady::now() > end) {
      return false;
    }
    std::this_thread::sleep_for(milliseconds(5));
  }
  return true;
}

struct one_client {
  explicit one_client(const std::string& url, milliseconds patience = seconds(5)) {
    std::signal(SIGPIPE, SIG_IGN);
    redis = std::make_unique<redis_client>(
        redis_options{.address = *redis_address::parse(url), .links = 2, .patience = patience},
        redis_surroundings{.metrics = metrics, .log = {}});
  }
  bool is_there() const {
    return eventually([&] { return redis->is_reachable(); });
  }

  base::metric_registry metrics;
  std::unique_ptr<redis_client> redis;
};

}
