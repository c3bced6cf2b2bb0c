#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "httvps/backend/shared/redis_address.hpp"
#include "httvps/base/log.hpp"
#include "httvps/base/metrics.hpp"

namespace httvps::backend::shared {

using redis_command = std::vector<std::string>;
using redis_reply = std::vector<std::string>;

struct redis_options {
  redis_address address = {};
  std::size_t links = 4;
  std::chrono::milliseconds patience{50};
  std::chrono::milliseconds dial_patience{1000};
  std::chrono::milliseconds least_pause{100};
  std::chrono::milliseconds most_pause{5000};
};

struct redis_surroundings {
  base::metric_registry& metrics;
  base::logger log;
};

class redis_client {
 public:
  redis_client(redis_options chosen, const redis_surroundings& around);
  redis_client(const redis_client&) = delete;
  redis_client& operator=(const redis_client&) = delete;
  ~redis_client();

  base::result<redis_reply> call(const redis_command& wanted);
  bool is_reachable() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}
