#include "httvps/net/with_deadline.hpp"

#include <boost/asio/error.hpp>

namespace httvps::net::deadline_detail {

void arm(const std::shared_ptr<race>& state, base::steady_time deadline) {
  if (deadline == no_deadline) {
    return;
  }
  state->timer.expires_at(deadline);
  state->timer.async_wait([state](const boost::system::error_code& failure) {
    if (!failure && !state->finished) {
      state->expired = true;
      state->stop.emit(asio::cancellation_type::terminal);
    }
  });
}

void finish(const std::shared_ptr<race>& state) {
  state->finished = true;
  state->timer.cancel();
}

base::error failure_of(const std::exception_ptr& thrown, const race& state) {
  try {
    std::rethrow_exception(thrown);
  } catch (const boost::system::system_error& failure) {
    if (failure.code() == asio::error::operation_aborted) {
      return state.expired ? errc::timed_out : errc::cancelled;
    }
    throw;
  }
}

}
