#include "httvps/net/carrier_socket.hpp"

#include <algorithm>

namespace httvps::net {

base::result<std::size_t> carrier_socket::read_into(base::byte_span space) {
  const auto got = socket_.try_read(space);
  traffic_.received += got.value_or(0);
  return got;
}

base::result<> carrier_socket::send(ciphertext_buffer& output) {
  if (!backlog_.empty()) {
    if (backlog_.size() + output.size() > tls_backlog_limit) {
      output.clear();
      return base::fail(errc::backlog_full);
    }
    backlog_.append(output.view());
    output.clear();
    return flush();
  }
  while (!output.empty()) {
    const auto sent = socket_.try_write(output.view());
    if (!sent && sent.error() == errc::would_block) {
      backlog_.append(output.view());
      break;
    }
    if (!sent) {
      output.clear();
      return base::fail(sent.error());
    }
    traffic_.sent += *sent;
    output.drop_front(*sent);
  }
  output.clear();
  return {};
}

base::result<> carrier_socket::flush() {
  while (!backlog_.empty()) {
    const auto sent = socket_.try_write(backlog_.view());
    if (!sent && sent.error() == errc::would_block) {
      return {};
    }
    if (!sent) {
      return base::fail(sent.error());
    }
    traffic_.sent += *sent;
    backlog_.drop_front(*sent);
  }
  backlog_.release();
  return {};
}

void carrier_socket::note_writable(base::steady_time now) noexcept {
  const auto before = budget_.bytes();
  budget_.note_writable(traffic_.sent, now);
  follow_budget(before);
}

void carrier_socket::note_taken_whole() noexcept {
  const auto before = budget_.bytes();
  budget_.note_taken_whole();
  follow_budget(before);
}

void carrier_socket::follow_budget(std::size_t before) noexcept {
  if (budget_.bytes() != before) {
    socket_.tune({.unsent_most = std::min(budget_.bytes(), unsent_most_of_fast_carriers)});
  }
}

}
