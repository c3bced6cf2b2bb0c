#include "control_session.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <utility>

namespace httvps::sdk {
namespace {

constexpr base::byte_count session_memory = 4 * base::mebibyte;
constexpr auto polite_close = std::chrono::seconds(1);

}

net::task<std::shared_ptr<session_link>> open_control_session(dial_order order,
                                                              base::steady_time deadline) {
  carrier_dialer dialer;
  HTTVPS_CO_TRY(std::unique_ptr<net::carrier_link> carrier,
                co_await dialer.dial(std::move(order), deadline));
  const net::executor runs_on = co_await net::asio::this_coro::executor;
  const session_link_options chosen{.pool = std::make_shared<base::slab_pool>(session_memory)};
  auto link = session_link::make(runs_on, chosen);
  HTTVPS_CO_CHECK(link->attach_carrier(std::move(carrier)));
  co_return std::move(link);
}

net::task<> close_control_session(std::shared_ptr<session_link> link, base::steady_time deadline) {
  const auto patience = link->clock().steady_now() + polite_close;
  co_return co_await link->close(std::min(deadline, patience));
}

}
