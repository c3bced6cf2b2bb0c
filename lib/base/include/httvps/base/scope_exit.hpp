#pragma once

#include <utility>

namespace httvps::base {

template <typename Action>
class scope_exit {
 public:
  explicit scope_exit(Action action) : action_(std::move(action)) {}
  scope_exit(const scope_exit&) = delete;
  scope_exit& operator=(const scope_exit&) = delete;
  ~scope_exit() {
    if (armed_) {
      action_();
    }
  }
  void release() noexcept { armed_ = false; }

 private:
  Action action_;
  bool armed_ = true;
};

}
