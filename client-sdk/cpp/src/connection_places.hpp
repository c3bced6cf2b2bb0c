#pragma once

#include <functional>
#include <memory>

namespace httvps::sdk {

class connection_places {
 public:
  void when_freed(std::function<void()> tell) { state_->tell = std::move(tell); }
  std::shared_ptr<void> take();
  std::size_t taken() const noexcept { return state_->taken; }

 private:
  struct state {
    std::size_t taken = 0;
    std::function<void()> tell;
  };

  std::shared_ptr<state> state_ = std::make_shared<state>();
};

}
