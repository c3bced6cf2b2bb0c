#pragma once

#include <map>
#include <mutex>
#include <string>

#include "gateway/support/counting_origin.hpp"

namespace httvps::testing {

using address_totals = std::map<std::string, usage_totals>;

class sorting_origin {
 public:
  std::uint16_t port() const noexcept { return origin_.port(); }
  address_totals totals() const;

 private:
  void serve(const tcp_socket& connection);
  void note(const std::string& address, const usage_totals& more);
  bool send(const tcp_socket& connection, const std::string& address, base::byte_view bytes);

  mutable std::mutex mutex_;
  address_totals totals_;
  tcp_origin origin_{[this](tcp_socket& connection) { serve(connection); }};
};

}
