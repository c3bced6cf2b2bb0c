#include "gate/sockets.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

namespace httvps::chaos {
namespace {

constexpr std::size_t largest_discard = 4 * base::mebibyte;

moved_bytes judged(ssize_t count) {
  if (count > 0) {
    return {.what = outcome::moved, .size = static_cast<base::byte_count>(count)};
  }
  if (count == 0) {
    return {.what = outcome::ended};
  }
  const bool again = errno == EAGAIN || errno == EINTR;
  return {.what = again ? outcome::blocked : outcome::failed};
}

msghdr message_of(two_parts& parts) {
  return {.msg_iov = parts.data(), .msg_iovlen = parts[1].iov_len == 0 ? 1U : 2U};
}

}

void bound_buffers(const bench::descriptor& socket, base::byte_count size) {
  const int bytes = static_cast<int>(size);
  for (const int name : {SO_RCVBUF, SO_SNDBUF}) {
    ::setsockopt(socket.get(), SOL_SOCKET, name, &bytes, sizeof bytes);
  }
}

void abort_connection(bench::descriptor& socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  socket.close();
}

void send_fin(const bench::descriptor& socket) {
  ::shutdown(socket.get(), SHUT_WR);
}

bool has_closed(const bench::descriptor& socket) {
  pollfd asked{.fd = socket.get(), .events = POLLRDHUP, .revents = 0};
  return ::poll(&asked, 1, 0) == 1 && (asked.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

moved_bytes receive_into(const bench::descriptor& socket, two_parts room) {
  auto message = message_of(room);
  return judged(::recvmsg(socket.get(), &message, 0));
}

moved_bytes send_from(const bench::descriptor& socket, two_parts bytes) {
  const auto message = message_of(bytes);
  const auto count = ::sendmsg(socket.get(), &message, MSG_NOSIGNAL);
  return count == 0 ? moved_bytes{.what = outcome::blocked} : judged(count);
}

moved_bytes discard_from(const bench::descriptor& socket) {
  return judged(::recv(socket.get(), nullptr, largest_discard, MSG_TRUNC));
}

}
