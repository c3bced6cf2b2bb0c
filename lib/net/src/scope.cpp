#include "httvps/net/scope.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <list>
#include <utility>

#include "httvps/base/invariant.hpp"
#include "httvps/net/event.hpp"

namespace httvps::net {

struct scope::state {
  using member = std::shared_ptr<asio::cancellation_signal>;

  explicit state(const executor& chosen) : runs_on(chosen), emptied(chosen) {}

  void leave(std::list<member>::iterator place, const std::exception_ptr& thrown) {
    members.erase(place);
    if (thrown && !is_cancellation(thrown)) {
      ++failures;
      static_cast<void>(base::invariant(false));
    }
    if (members.empty()) {
      emptied.notify();
    }
  }

  static bool is_cancellation(const std::exception_ptr& thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const boost::system::system_error& failure) {
      return failure.code() == asio::error::operation_aborted;
    } catch (...) {
      return false;
    }
  }

  static task<> wait_until_empty(std::shared_ptr<state> shared, base::steady_time deadline) {
    while (!shared->members.empty()) {
      HTTVPS_CO_CHECK(co_await shared->emptied.wait(deadline));
    }
    co_return base::result<>();
  }

  executor runs_on;
  event emptied;
  std::list<member> members;
  std::size_t failures = 0;
  bool cancelled = false;
};

namespace {

asio::awaitable<void> drop_outcome(task<> work) {
  static_cast<void>(co_await std::move(work));
}

}

scope::scope(const executor& runs_on) : state_(std::make_shared<state>(runs_on)) {}

scope::~scope() = default;

base::result<> scope::spawn(asio::awaitable<void> work) {
  if (state_->cancelled) {
    return base::fail(errc::scope_closed);
  }
  auto signal = std::make_shared<asio::cancellation_signal>();
  const auto place = state_->members.insert(state_->members.end(), signal);
  auto finished = [shared = state_, place, signal](const std::exception_ptr& thrown) {
    shared->leave(place, thrown);
  };
  asio::co_spawn(state_->runs_on, std::move(work),
                 asio::bind_cancellation_slot(signal->slot(), std::move(finished)));
  return {};
}

base::result<> scope::spawn(task<> work) {
  return spawn(drop_outcome(std::move(work)));
}

void scope::cancel() {
  state_->cancelled = true;
  const auto members = state_->members;
  for (const auto& signal : members) {
    signal->emit(asio::cancellation_type::terminal);
  }
}

task<> scope::join(base::steady_time deadline) {
  return state::wait_until_empty(state_, deadline);
}

std::size_t scope::size() const noexcept {
  return state_->members.size();
}

bool scope::is_cancelled() const noexcept {
  return state_->cancelled;
}

std::size_t scope::failures() const noexcept {
  return state_->failures;
}

executor scope::get_executor() const {
  return state_->runs_on;
}

}
