#include "httvps/net/endpoint.hpp"

#include <boost/asio/ip/address.hpp>
#include <charconv>

#include "httvps/net/error.hpp"

namespace httvps::net {
namespace {

constexpr std::size_t host_limit = 253;

base::result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failure != std::errc() || end != text.data() + text.size()) {
    return base::fail(errc::address_invalid);
  }
  return port;
}

bool is_host_character(char letter) noexcept {
  const auto byte = static_cast<unsigned char>(letter);
  return byte > 0x20 && byte < 0x7f && letter != '/' && letter != '@' && letter != ':' &&
         letter != '[' && letter != ']';
}

base::result<std::string> checked_host(std::string_view host) {
  bool valid = !host.empty() && host.size() <= host_limit;
  for (const char letter : host) {
    valid = valid && is_host_character(letter);
  }
  if (!valid) {
    return base::fail(errc::address_invalid);
  }
  return std::string(host);
}

base::result<endpoint> parse_bracketed(std::string_view text) {
  const auto end = text.find("]:");
  if (end == std::string_view::npos) {
    return base::fail(errc::address_invalid);
  }
  const std::string host(text.substr(1, end - 1));
  boost::system::error_code failure;
  boost::asio::ip::make_address_v6(host, failure);
  if (failure) {
    return base::fail(errc::address_invalid);
  }
  HTTVPS_TRY(const std::uint16_t port, parse_port(text.substr(end + 2)));
  return endpoint{.host = host, .port = port};
}

}

base::result<endpoint> parse_endpoint(std::string_view text) {
  if (text.starts_with('[')) {
    return parse_bracketed(text);
  }
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) {
    return base::fail(errc::address_invalid);
  }
  HTTVPS_TRY(std::string host, checked_host(text.substr(0, colon)));
  HTTVPS_TRY(const std::uint16_t port, parse_port(text.substr(colon + 1)));
  return endpoint{.host = std::move(host), .port = port};
}

std::string to_text(const endpoint& place) {
  const bool bracketed = place.host.find(':') != std::string::npos;
  const std::string text = bracketed ? "[" + place.host + "]" : place.host;
  return text + ":" + std::to_string(place.port);
}

bool is_address(std::string_view host) {
  boost::system::error_code failure;
  boost::asio::ip::make_address(std::string(host), failure);
  return !failure;
}

bool is_loopback(std::string_view host) {
  boost::system::error_code failure;
  const auto address = boost::asio::ip::make_address(std::string(host), failure);
  return host == "localhost" || (!failure && address.is_loopback());
}

}
