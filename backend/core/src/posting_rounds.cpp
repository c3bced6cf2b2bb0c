#include "posting_rounds.hpp"

#include "httvps/base/scope_exit.hpp"

namespace httvps::backend::core {
namespace {

constexpr std::chrono::seconds last_postings_take{5};

}

void posting_rounds::look() {
  if (!is_running_ && poster_.waiting() > 0) {
    is_running_ = rounds_.spawn(run(this)).has_value();
  }
}

net::asio::awaitable<void> posting_rounds::run(posting_rounds* self) {
  const base::scope_exit leave([self] { self->is_running_ = false; });
  while (self->poster_.waiting() > 0 && !self->rounds_.is_cancelled()) {
    co_await self->work_();
  }
}

base::result<> post_at_the_end(const services::usage_poster& poster, const base::clock& clock) {
  return poster.post_waiting(clock.steady_now() + last_postings_take);
}

}
