#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "httvps/net/task.hpp"

namespace httvps::net {

struct blocking_pool_options {
  std::size_t threads = 4;
  std::size_t queue_limit = 256;
};

class blocking_pool {
 public:
  explicit blocking_pool(blocking_pool_options chosen);
  blocking_pool(const blocking_pool&) = delete;
  blocking_pool& operator=(const blocking_pool&) = delete;
  ~blocking_pool();

  base::result<> submit(std::move_only_function<void()> job);
  void stop();
  std::size_t queued() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}
