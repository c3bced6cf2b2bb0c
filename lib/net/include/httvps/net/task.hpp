#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "httvps/base/clock.hpp"
#include "httvps/base/error.hpp"
#include "httvps/net/error.hpp"

namespace httvps::net {

namespace asio = boost::asio;

using executor = asio::any_io_executor;

template <typename T = void>
using task = asio::awaitable<base::result<T>>;

inline constexpr base::steady_time no_deadline = base::steady_time::max();

inline base::steady_time deadline_after(base::duration span) {
  return base::real_clock().steady_now() + span;
}

task<> sleep_until(base::steady_time moment);
task<> yield_to_others();

}
