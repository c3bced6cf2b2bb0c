#pragma once

#include <cstddef>
#include <cstdint>

#include "httvps/net/function_ref.hpp"
#include "httvps/net/tls_stream.hpp"

namespace httvps::net {

enum class link_state { open, closed };
enum class send_state { drained, has_more, blocked, paused };

class carrier_link {
 public:
  using payload_sink = function_ref<void(base::byte_view)>;
  using payload_source = function_ref<std::size_t(base::byte_span)>;

  carrier_link() = default;
  carrier_link(const carrier_link&) = delete;
  carrier_link& operator=(const carrier_link&) = delete;
  virtual ~carrier_link() = default;

  virtual task<> wait_readable(base::steady_time deadline) = 0;
  virtual base::result<link_state> receive(payload_sink sink) = 0;
  virtual base::result<send_state> send(payload_source fill) = 0;
  virtual task<> close(std::uint16_t code, base::steady_time deadline) = 0;
  virtual carrier_socket& stream() noexcept = 0;
  virtual tls_stream* tls() noexcept { return nullptr; }

 protected:
  carrier_link(carrier_link&&) noexcept = default;
  carrier_link& operator=(carrier_link&&) noexcept = default;
};

}
