#include "admission_flush.hpp"

#include "httvps/base/scope_exit.hpp"

namespace httvps::backend::core {
namespace {

constexpr int last_tries = 3;

}

admission_flush::admission_flush(const net::executor& runs_on, const services::admission_book& book,
                                 flush_options chosen)
    : book_(book), chosen_(chosen), rounds_(runs_on) {}

void admission_flush::look() {
  const auto waiting = book_.size();
  if (waiting == 0) {
    return;
  }
  if (!is_running_) {
    is_running_ = rounds_.spawn(run(this)).has_value();
  } else if (waiting >= chosen_.many && many_came_ && !has_failed_) {
    many_came_->notify();
  }
}

net::asio::awaitable<void> admission_flush::run(admission_flush* self) {
  const base::scope_exit leave([self] { self->is_running_ = false; });
  self->has_failed_ = false;
  while (self->book_.size() > 0) {
    const auto until =
        net::deadline_after(self->has_failed_ ? self->chosen_.retry : self->chosen_.pause);
    self->many_came_ = std::make_shared<net::event>(self->rounds_.get_executor());
    static_cast<void>(co_await self->many_came_->wait(until));
    if (self->rounds_.is_cancelled()) {
      co_return;
    }
    const auto written = co_await self->work_();
    self->has_failed_ = !written;
  }
}

base::result<> flush_at_the_end(services::admission_book& book) {
  auto written = book.flush();
  for (int tried = 1; tried < last_tries && !written; ++tried) {
    written = book.flush();
  }
  return written;
}

}
