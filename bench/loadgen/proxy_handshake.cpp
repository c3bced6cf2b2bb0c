#include "loadgen/proxy_handshake.hpp"

#include <fmt/format.h>

#include "common/error.hpp"

namespace httvps::bench {
namespace {

constexpr std::string_view socks_greeting("\x05\x01\x00", 3);
constexpr std::size_t method_size = 2;
constexpr std::size_t reply_prefix = 5;
constexpr std::size_t reply_after_prefix = 5;
constexpr std::size_t wide_address_extra = 12;

std::string socks_request(const endpoint& target) {
  std::string request("\x05\x01\x00\x01", 4);
  request.append(reinterpret_cast<const char*>(&target.sin_addr), sizeof target.sin_addr);
  request.append(reinterpret_cast<const char*>(&target.sin_port), sizeof target.sin_port);
  return request;
}

std::string connect_request(const endpoint& target) {
  const auto name = to_text(target);
  return fmt::format("CONNECT {} HTTP/1.1\r\nHost: {}\r\n\r\n", name, name);
}

std::size_t reply_size(std::string_view prefix) {
  switch (prefix[3]) {
    case 1:
      return reply_prefix + reply_after_prefix;
    case 4:
      return reply_prefix + reply_after_prefix + wide_address_extra;
    default:
      return reply_prefix + static_cast<unsigned char>(prefix[4]) + sizeof(in_port_t);
  }
}

}

proxy_handshake::proxy_handshake(proxy_kind kind, const endpoint& target)
    : kind_(kind), target_(target) {
  if (kind == proxy_kind::socks5) {
    state_ = handshake_state::greeting;
    to_send_ = socks_greeting;
  } else if (kind == proxy_kind::http_connect) {
    state_ = handshake_state::connecting;
    to_send_ = connect_request(target);
  }
}

std::size_t proxy_handshake::wanted() const noexcept {
  if (kind_ == proxy_kind::http_connect) {
    return head_.room();
  }
  if (state_ == handshake_state::greeting) {
    return method_size - received_.size();
  }
  if (received_.size() < reply_prefix) {
    return reply_prefix - received_.size();
  }
  return reply_size(received_) - received_.size();
}

base::result<void> proxy_handshake::take(std::string_view bytes) {
  to_send_.clear();
  if (kind_ == proxy_kind::http_connect) {
    return take_head(bytes);
  }
  received_ += bytes;
  return state_ == handshake_state::greeting ? take_method() : take_reply();
}

base::result<void> proxy_handshake::take_method() {
  if (received_.size() < method_size) {
    return {};
  }
  if (received_[0] != 5 || received_[1] != 0) {
    return base::fail(errc::proxy_refused);
  }
  received_.clear();
  state_ = handshake_state::connecting;
  to_send_ = socks_request(target_);
  return {};
}

base::result<void> proxy_handshake::take_reply() {
  if (received_.size() < reply_prefix) {
    return {};
  }
  if (received_[0] != 5 || received_[1] != 0) {
    return base::fail(errc::proxy_refused);
  }
  if (received_.size() == reply_size(received_)) {
    state_ = handshake_state::done;
  }
  return {};
}

base::result<void> proxy_handshake::take_head(std::string_view bytes) {
  HTTVPS_TRY(const auto head, head_.take(bytes));
  if (!head) {
    return {};
  }
  if (head->status() != 200 || !head_.rest().empty()) {
    return base::fail(errc::proxy_refused);
  }
  state_ = handshake_state::done;
  return {};
}

}
