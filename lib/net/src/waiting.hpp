#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace httvps::net {

inline constexpr auto as_values = boost::asio::as_tuple(boost::asio::use_awaitable);

}
