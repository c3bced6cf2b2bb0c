#include "gateway/support/event_loop.hpp"

namespace httvps::testing {
namespace {

constexpr auto idle_step = std::chrono::milliseconds(5);
constexpr int last_steps = 400;

}

void event_loop::end() {
  scope_.cancel();
  for (int i = 0; i < last_steps && scope_.size() > 0; ++i) {
    step();
  }
}

void event_loop::step() {
  context_.restart();
  context_.run_one_for(idle_step);
}

}
