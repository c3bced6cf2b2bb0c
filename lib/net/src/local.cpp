#include "httvps/net/local.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "waiting.hpp"

namespace httvps::net {
namespace {

using asio::local::stream_protocol;

constexpr int backlog = 1024;
constexpr int buffer_size = 128 * 1024;
constexpr mode_t owner_only = 0600;
constexpr std::string_view while_opening = ".new";

base::result<stream_protocol::endpoint> address_of(const std::string& path) {
  if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path)) {
    return base::fail(errc::address_invalid);
  }
  return stream_protocol::endpoint(path);
}

base::result<> expect_user(int descriptor, uid_t wanted) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return base::fail(fold_errno(errno));
  }
  if (peer.uid != wanted) {
    return base::fail(errc::peer_of_another_user);
  }
  return {};
}

base::result<tcp_stream> settle(stream_protocol::socket socket, uid_t wanted) {
  HTTVPS_CHECK(expect_user(socket.native_handle(), wanted));
  boost::system::error_code ignored;
  socket.set_option(stream_protocol::socket::send_buffer_size(buffer_size), ignored);
  return tcp_stream(std::move(socket));
}

boost::system::error_code bind_and_listen(stream_protocol::acceptor& acceptor,
                                          const stream_protocol::endpoint& address) {
  boost::system::error_code failure;
  acceptor.open(address.protocol(), failure);
  if (!failure) {
    acceptor.bind(address, failure);
  }
  if (!failure) {
    acceptor.listen(backlog, failure);
  }
  return failure;
}

base::result<> publish(const std::string& hidden, const std::string& path) {
  if (::chmod(hidden.c_str(), owner_only) != 0 || std::rename(hidden.c_str(), path.c_str()) != 0) {
    const int reason = errno;
    ::unlink(hidden.c_str());
    return base::fail(fold_errno(reason));
  }
  return {};
}

task<tcp_stream> accept_on(std::shared_ptr<stream_protocol::acceptor> acceptor, uid_t wanted) {
  auto [failure, socket] = co_await acceptor->async_accept(as_values);
  if (failure) {
    co_return base::fail(fold_error(failure));
  }
  co_return settle(std::move(socket), wanted);
}

}

base::result<local_listener> local_listener::open(const executor& runs_on, local_place place) {
  const auto hidden = place.path + std::string(while_opening);
  HTTVPS_TRY(const auto address, address_of(hidden));
  ::unlink(hidden.c_str());
  auto opened = std::make_shared<stream_protocol::acceptor>(runs_on);
  if (const auto failure = bind_and_listen(*opened, address)) {
    return base::fail(fold_error(failure));
  }
  HTTVPS_CHECK(publish(hidden, place.path));
  return local_listener(std::move(opened), std::move(place));
}

task<tcp_stream> local_listener::accept() {
  return accept_on(acceptor_, place_.user);
}

void local_listener::close() noexcept {
  if (acceptor_->is_open()) {
    boost::system::error_code ignored;
    acceptor_->close(ignored);
    ::unlink(place_.path.c_str());
  }
}

base::result<tcp_stream> connect_local(const executor& runs_on, const local_place& place) {
  HTTVPS_TRY(const auto address, address_of(place.path));
  stream_protocol::socket socket(runs_on);
  boost::system::error_code failure;
  socket.open(address.protocol(), failure);
  if (!failure) {
    socket.non_blocking(true, failure);
  }
  if (failure) {
    return base::fail(fold_error(failure));
  }
  if (::connect(socket.native_handle(), address.data(), static_cast<socklen_t>(address.size())) !=
      0) {
    return base::fail(fold_errno(errno));
  }
  return settle(std::move(socket), place.user);
}

}
