#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/endpoint.hpp"
#include "common/http_head.hpp"
#include "httvps/base/error.hpp"

namespace httvps::bench {

enum class proxy_kind { none, socks5, http_connect };
enum class handshake_state { greeting, connecting, done };

class proxy_handshake {
 public:
  proxy_handshake(proxy_kind kind, const endpoint& target);

  handshake_state state() const noexcept { return state_; }
  std::string_view to_send() const noexcept { return to_send_; }
  std::size_t wanted() const noexcept;
  base::result<void> take(std::string_view bytes);

 private:
  base::result<void> take_method();
  base::result<void> take_reply();
  base::result<void> take_head(std::string_view bytes);

  proxy_kind kind_;
  endpoint target_;
  handshake_state state_ = handshake_state::done;
  std::string to_send_;
  std::string received_;
  head_reader head_;
};

}
