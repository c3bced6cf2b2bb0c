#pragma once

#include <cstddef>
#include <memory>

#include "httvps/net/task.hpp"

namespace httvps::net {

class scope {
 public:
  explicit scope(const executor& runs_on);
  scope(const scope&) = delete;
  scope& operator=(const scope&) = delete;
  ~scope();

  base::result<> spawn(asio::awaitable<void> work);
  base::result<> spawn(task<> work);
  void cancel();
  task<> join(base::steady_time deadline = no_deadline);

  std::size_t size() const noexcept;
  bool is_cancelled() const noexcept;
  std::size_t failures() const noexcept;
  executor get_executor() const;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}
