#include "worker_usage.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace httvps::gateway {

net::task<std::vector<usage_row>> worker_usage::collect(std::size_t most) {
  return net::asio::co_spawn(worker_.executor(), collect_here(most), net::asio::use_awaitable);
}

net::task<> worker_usage::acknowledge(std::vector<usage_row> rows) {
  return net::asio::co_spawn(worker_.executor(), acknowledge_here(std::move(rows)),
                             net::asio::use_awaitable);
}

net::task<std::vector<node_outcome>> worker_usage::collect_outcomes(std::size_t most) {
  return net::asio::co_spawn(worker_.executor(), outcomes_here(most), net::asio::use_awaitable);
}

net::task<std::vector<usage_row>> worker_usage::collect_here(std::size_t most) {
  co_return worker_.collect_usage(most);
}

net::task<> worker_usage::acknowledge_here(std::vector<usage_row> rows) {
  worker_.acknowledge_usage(rows);
  co_return base::result<void>();
}

net::task<std::vector<node_outcome>> worker_usage::outcomes_here(std::size_t most) {
  co_return worker_.collect_outcomes(most);
}

}
