#include "httvps/gateway/control/validation_line.hpp"

#include <algorithm>
#include <utility>

#include "httvps/base/scope_exit.hpp"

namespace httvps::gateway {
namespace {

bool means_one_by_one(const base::error& failure) {
  return failure == control_errc::backend_refused ||
         failure == control_errc::backend_answer_invalid;
}

}

net::task<validation> validation_line::ask(device_session wanted) {
  if (waiting_.size() >= parts_.limits.waiting) {
    co_return base::fail(control_errc::backend_overloaded);
  }
  const auto mine = std::make_shared<place>(parts_.runs_on, std::move(wanted));
  const base::scope_exit gone([this, mine] { leave(mine); });
  mine->is_waiting = true;
  waiting_.push_back(mine);
  parts_.meter.waiting.add(1);
  set_out();
  static_cast<void>(co_await mine->told.wait(net::deadline_after(parts_.limits.patience)));
  if (!mine->answer) {
    co_return base::fail(control_errc::backend_unreachable);
  }
  co_return *std::move(mine->answer);
}

void validation_line::leave(const std::shared_ptr<place>& mine) {
  mine->is_over = true;
  if (std::exchange(mine->is_waiting, false)) {
    std::erase(waiting_, mine);
    parts_.meter.waiting.add(-1);
  }
}

void validation_line::set_out() {
  while (!waiting_.empty() && under_way_ < parts_.limits.under_way) {
    ++under_way_;
    if (!parts_.spawn(travel(take_group()))) {
      --under_way_;
      return;
    }
  }
}

validation_line::group validation_line::take_group() {
  const bool alone = parts_.clock.steady_now() < alone_until_;
  const auto most = alone ? std::size_t{1} : parts_.limits.together;
  group taken;
  while (!waiting_.empty() && taken.size() < most) {
    waiting_.front()->is_waiting = false;
    taken.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  parts_.meter.waiting.add(-static_cast<std::int64_t>(taken.size()));
  return taken;
}

void validation_line::put_back(const group& refused) {
  for (auto each = refused.rbegin(); each != refused.rend(); ++each) {
    if (!(*each)->is_over) {
      (*each)->is_waiting = true;
      waiting_.push_front(*each);
      parts_.meter.waiting.add(1);
    }
  }
}

net::task<> validation_line::travel(group going) {
  if (going.size() == 1) {
    parts_.meter.alone.add();
    auto asked = going.front()->asked;
    auto answer =
        co_await parts_.control.validate(std::move(asked.token), std::move(asked.session_digest));
    tell(*going.front(), std::move(answer));
  } else {
    static_cast<void>(co_await travel_together(std::move(going)));
  }
  --under_way_;
  set_out();
  co_return base::result<void>();
}

net::task<> validation_line::travel_together(group going) {
  parts_.meter.together.add();
  std::vector<device_session> asked;
  for (const auto& each : going) {
    asked.push_back(each->asked);
  }
  auto answers = co_await parts_.control.validate_together(std::move(asked));
  if (!answers && means_one_by_one(answers.error())) {
    parts_.meter.refused.add();
    alone_until_ = parts_.clock.steady_now() + parts_.limits.alone_after_refusal;
    put_back(going);
    co_return base::result<void>();
  }
  for (std::size_t i = 0; i < going.size(); ++i) {
    tell(*going[i], answers ? std::move((*answers)[i]) : base::fail(answers.error()));
  }
  co_return base::result<void>();
}

void validation_line::tell(place& one, base::result<validation> answer) {
  one.answer.emplace(std::move(answer));
  one.told.notify();
}

}
