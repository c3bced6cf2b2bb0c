#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "httvps/net/udp.hpp"
#include "socket_waits.hpp"

namespace httvps::net {

using asio::ip::udp;

namespace {

struct message_block {
  std::array<mmsghdr, udp_batch_most> heads{};
  std::array<iovec, udp_batch_most> parts{};

  void put(std::size_t at, base::byte_view bytes) noexcept {
    parts[at] = {.iov_base = const_cast<std::uint8_t*>(bytes.data()), .iov_len = bytes.size()};
    heads[at].msg_hdr.msg_iov = &parts[at];
    heads[at].msg_hdr.msg_iovlen = 1;
  }

  void name(std::size_t at, const udp_place& place, std::size_t size) noexcept {
    heads[at].msg_hdr.msg_name = const_cast<asio::detail::socket_addr_type*>(place.data());
    heads[at].msg_hdr.msg_namelen = static_cast<socklen_t>(size);
  }
};

void take_over(udp_arrival& slot, const mmsghdr& got) {
  slot.size = got.msg_len;
  slot.fit = (got.msg_hdr.msg_flags & MSG_TRUNC) != 0 ? udp_fit::cut : udp_fit::whole;
}

base::result<udp::socket> open_socket(const executor& runs_on, const udp_place& place) {
  udp::socket socket(runs_on);
  boost::system::error_code failure;
  socket.open(place.protocol(), failure);
  if (!failure) {
    socket.non_blocking(true, failure);
  }
  if (failure) {
    return base::fail(fold_error(failure));
  }
  return socket;
}

}

struct udp_socket::state : socket_waits<udp::socket> {
  using socket_waits::socket_waits;

  bool connected = false;
};

base::result<udp_place> to_udp_place(const endpoint& address) {
  boost::system::error_code failure;
  const auto host = asio::ip::make_address(address.host, failure);
  if (failure) {
    return base::fail(errc::address_invalid);
  }
  return udp_place(host, address.port);
}

endpoint to_endpoint(const udp_place& place) {
  return {.host = place.address().to_string(), .port = place.port()};
}

base::result<udp_socket> udp_socket::bind(const executor& runs_on, const endpoint& address) {
  HTTVPS_TRY(const auto place, to_udp_place(address));
  HTTVPS_TRY(auto socket, open_socket(runs_on, place));
  boost::system::error_code failure;
  socket.bind(place, failure);
  if (failure) {
    return base::fail(fold_error(failure));
  }
  return udp_socket(std::make_shared<state>(std::move(socket)));
}

base::result<udp_socket> udp_socket::connect(const executor& runs_on, const endpoint& address) {
  HTTVPS_TRY(const auto place, to_udp_place(address));
  HTTVPS_TRY(auto socket, open_socket(runs_on, place));
  boost::system::error_code failure;
  socket.connect(place, failure);
  if (failure) {
    return base::fail(fold_error(failure));
  }
  auto shared = std::make_shared<state>(std::move(socket));
  shared->connected = true;
  return udp_socket(std::move(shared));
}

task<> udp_socket::wait_readable(base::steady_time deadline) {
  return state::wait(state_, udp::socket::wait_read, deadline);
}

task<> udp_socket::wait_writable(base::steady_time deadline) {
  return state::wait(state_, udp::socket::wait_write, deadline);
}

base::result<std::size_t> udp_socket::try_receive(std::span<udp_arrival> slots) {
  message_block block;
  const auto wanted = std::min(slots.size(), udp_batch_most);
  for (std::size_t i = 0; i < wanted; ++i) {
    block.put(i, slots[i].room);
    block.name(i, slots[i].from, slots[i].from.capacity());
  }
  while (true) {
    const int count = ::recvmmsg(state_->socket.native_handle(), block.heads.data(),
                                 static_cast<unsigned>(wanted), MSG_DONTWAIT, nullptr);
    if (count >= 0) {
      for (int i = 0; i < count; ++i) {
        take_over(slots[static_cast<std::size_t>(i)], block.heads[static_cast<std::size_t>(i)]);
      }
      return static_cast<std::size_t>(count);
    }
    if (errno != EINTR) {
      return base::fail(fold_errno(errno));
    }
  }
}

base::result<std::size_t> udp_socket::try_send(std::span<const udp_departure> batch) {
  message_block block;
  const auto wanted = std::min(batch.size(), udp_batch_most);
  for (std::size_t i = 0; i < wanted; ++i) {
    block.put(i, batch[i].bytes);
    if (!state_->connected) {
      block.name(i, batch[i].to, batch[i].to.size());
    }
  }
  while (true) {
    const int count = ::sendmmsg(state_->socket.native_handle(), block.heads.data(),
                                 static_cast<unsigned>(wanted), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0) {
      return static_cast<std::size_t>(count);
    }
    if (errno != EINTR) {
      return base::fail(fold_errno(errno));
    }
  }
}

base::result<> udp_socket::widen_buffers(std::size_t bytes) {
  boost::system::error_code failure;
  const auto size = static_cast<int>(bytes);
  state_->socket.set_option(asio::socket_base::receive_buffer_size(size), failure);
  if (!failure) {
    state_->socket.set_option(asio::socket_base::send_buffer_size(size), failure);
  }
  if (failure) {
    return base::fail(fold_error(failure));
  }
  return {};
}

void udp_socket::close_now() noexcept {
  state_->close_now();
}

bool udp_socket::is_open() const noexcept {
  return state_->socket.is_open();
}

executor udp_socket::get_executor() const {
  return state_->socket.get_executor();
}

endpoint udp_socket::local() const {
  boost::system::error_code failure;
  const auto place = state_->socket.local_endpoint(failure);
  return failure ? endpoint{} : to_endpoint(place);
}

endpoint udp_socket::remote() const {
  boost::system::error_code failure;
  const auto place = state_->socket.remote_endpoint(failure);
  return failure ? endpoint{} : to_endpoint(place);
}

}
