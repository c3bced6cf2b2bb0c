#include <boost/asio/detail/socket_option.hpp>
#include <boost/asio/ip/address.hpp>

#include "httvps/net/tcp.hpp"
#include "waiting.hpp"

namespace httvps::net {

using asio::ip::tcp;
using reuse_port_option = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

namespace {

base::result<tcp::endpoint> listen_address(const endpoint& place) {
  boost::system::error_code failure;
  const auto host = place.host == "localhost" ? std::string("127.0.0.1") : place.host;
  const auto address = asio::ip::make_address(host, failure);
  if (failure) {
    return base::fail(errc::address_invalid);
  }
  return tcp::endpoint(address, place.port);
}

boost::system::error_code bind_and_listen(tcp::acceptor& acceptor, const tcp::endpoint& address,
                                          const listen_options& chosen) {
  boost::system::error_code failure;
  acceptor.open(address.protocol(), failure);
  if (!failure) {
    acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
  }
  if (!failure && chosen.sharing == port_sharing::reuse_port) {
    acceptor.set_option(reuse_port_option(true), failure);
  }
  if (!failure) {
    acceptor.bind(address, failure);
  }
  if (!failure) {
    acceptor.listen(chosen.backlog, failure);
  }
  return failure;
}

task<tcp_stream> accept_on(std::shared_ptr<tcp::acceptor> acceptor) {
  auto [failure, socket] = co_await acceptor->async_accept(as_values);
  if (failure) {
    co_return base::fail(fold_error(failure));
  }
  co_return tcp_stream(std::move(socket));
}

}

base::result<tcp_listener> tcp_listener::open(const executor& runs_on,
                                              const listen_options& chosen) {
  HTTVPS_TRY(const tcp::endpoint address, listen_address(chosen.place));
  auto acceptor = std::make_shared<tcp::acceptor>(runs_on);
  const auto failure = bind_and_listen(*acceptor, address, chosen);
  if (failure) {
    return base::fail(fold_error(failure));
  }
  return tcp_listener(std::move(acceptor));
}

task<tcp_stream> tcp_listener::accept() {
  return accept_on(acceptor_);
}

endpoint tcp_listener::local() const {
  boost::system::error_code failure;
  const auto place = acceptor_->local_endpoint(failure);
  return failure ? endpoint{} : endpoint{.host = place.address().to_string(), .port = place.port()};
}

void tcp_listener::close() noexcept {
  boost::system::error_code ignored;
  acceptor_->close(ignored);
}

}
