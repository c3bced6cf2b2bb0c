#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "gateway/support/scripted_backend.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {

inline constexpr std::size_t greeting_size = 777;

struct usage_totals {
  base::byte_count up = 0;
  base::byte_count down = 0;
  bool operator==(const usage_totals&) const = default;
};

class counting_origin {
 public:
  std::uint16_t port() const noexcept { return origin_.port(); }
  std::uint64_t received() const noexcept { return received_; }
  std::uint64_t sent() const noexcept { return sent_; }
  usage_totals totals() const noexcept { return {.up = received_, .down = sent_}; }

 private:
  bool send(const tcp_socket& connection, base::byte_view bytes);
  void serve(const tcp_socket& connection);

  std::atomic<std::uint64_t> received_{0};
  std::atomic<std::uint64_t> sent_{0};
  tcp_origin origin_{[this](tcp_socket& connection) { serve(connection); }};
};

usage_totals answered_totals(const backend_record& record);
std::vector<usage_delivery> answered(const backend_record& record);

}
