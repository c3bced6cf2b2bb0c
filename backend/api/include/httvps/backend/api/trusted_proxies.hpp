#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/base/error.hpp"
#include "httvps/net/http_message.hpp"

namespace httvps::backend::api {

inline constexpr std::size_t most_proxy_ranges = 64;
inline constexpr std::size_t most_forwarded_hops = 32;

struct address_range {
  boost::asio::ip::address_v6 first;
  std::uint8_t prefix = 128;

  bool contains(const boost::asio::ip::address_v6& one) const noexcept;
};

class trusted_proxies {
 public:
  trusted_proxies() = default;

  static base::result<trusted_proxies> parse(std::string_view list);

  std::string client_of(const net::http_request& request) const;
  std::size_t size() const noexcept { return ranges_.size(); }

 private:
  bool trusts(const boost::asio::ip::address_v6& one) const noexcept;

  std::vector<address_range> ranges_;
};

}
