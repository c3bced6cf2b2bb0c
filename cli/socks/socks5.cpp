#include "socks/socks5.hpp"

#include <algorithm>

#include "errc.hpp"
#include "httvps/net/error.hpp"
#include "httvps/sdk/errc.hpp"
#include "httvps/wire/errc.hpp"
#include "socks/socks5_address.hpp"

namespace httvps::cli {
namespace {

constexpr std::uint8_t version = 5;
constexpr std::uint8_t no_authentication = 0;
constexpr std::uint8_t no_acceptable_method = 0xff;
constexpr std::size_t fixed_part = 4;
constexpr std::size_t port_size = socks_port_size;
constexpr std::uint8_t ipv4_type = socks_ipv4_type;
constexpr std::uint8_t domain_type = socks_domain_type;
constexpr std::uint8_t ipv6_type = socks_ipv6_type;
}

base::result<std::optional<socks_message>> socks5_reader::next(base::byte_view& input) {
  while (true) {
    HTTVPS_TRY(const std::size_t whole, wanted());
    if (filled_ == whole) {
      HTTVPS_TRY(auto message, finish());
      return std::optional<socks_message>(std::move(message));
    }
    if (input.empty()) {
      return std::optional<socks_message>();
    }
    const auto count = std::min(whole - filled_, input.size());
    base::copy_bytes(base::byte_span(buffer_).subspan(filled_), input.first(count));
    filled_ += count;
    input = input.subspan(count);
  }
}

base::result<std::size_t> socks5_reader::wanted() const {
  if (filled_ > 0 && buffer_[0] != version) {
    return base::fail(errc::not_socks5);
  }
  return greeted_ ? wanted_by_request() : wanted_by_greeting();
}

base::result<std::size_t> socks5_reader::wanted_by_greeting() const {
  if (filled_ < 2) {
    return filled_ + 1;
  }
  if (buffer_[1] == 0) {
    return base::fail(errc::request_malformed);
  }
  return std::size_t{2} + buffer_[1];
}

base::result<std::size_t> socks5_reader::wanted_by_request() const {
  if (filled_ < fixed_part) {
    return filled_ == 0 ? 1 : fixed_part;
  }
  if (buffer_[2] != 0) {
    return base::fail(errc::request_malformed);
  }
  switch (buffer_[3]) {
    case ipv4_type:
      return fixed_part + 4 + port_size;
    case ipv6_type:
      return fixed_part + 16 + port_size;
    case domain_type:
      break;
    default:
      return base::fail(errc::address_type_unsupported);
  }
  if (filled_ == fixed_part) {
    return fixed_part + 1;
  }
  if (buffer_[4] == 0) {
    return base::fail(errc::request_malformed);
  }
  return fixed_part + 1 + buffer_[4] + port_size;
}

base::result<socks_message> socks5_reader::finish() {
  if (!greeted_) {
    greeted_ = true;
    const auto greeting = read_greeting();
    filled_ = 0;
    return greeting;
  }
  HTTVPS_TRY(auto request, read_request());
  filled_ = 0;
  return request;
}

socks_greeting socks5_reader::read_greeting() const {
  const auto methods = base::byte_view(buffer_).subspan(2, buffer_[1]);
  const bool open = std::ranges::find(methods, no_authentication) != methods.end();
  return {.offer =
              open ? authentication_offer::none_accepted : authentication_offer::password_only};
}

base::result<socks_request> socks5_reader::read_request() const {
  if (buffer_[1] < 1 || buffer_[1] > 3) {
    return base::fail(errc::command_unsupported);
  }
  HTTVPS_TRY(auto target, read_target());
  return socks_request{.command = static_cast<socks_command>(buffer_[1]),
                       .target = std::move(target)};
}

base::result<wire::target> socks5_reader::read_target() const {
  const auto bytes = base::byte_view(buffer_).first(filled_);
  HTTVPS_TRY(auto address, decode_address(bytes.subspan(fixed_part - 1)));
  if (port_of(address.target) == 0 &&
      buffer_[1] == static_cast<std::uint8_t>(socks_command::connect)) {
    return base::fail(errc::request_malformed);
  }
  return std::move(address.target);
}

socks_choice encode_choice(authentication_offer offer) noexcept {
  return {version,
          offer == authentication_offer::none_accepted ? no_authentication : no_acceptable_method};
}

socks_answer encode_reply(socks_reply code) noexcept {
  return {version, static_cast<std::uint8_t>(code), 0, ipv4_type, 0, 0, 0, 0, 0, 0};
}

base::byte_vector encode_success(const wire::target& bound) {
  base::byte_vector reply{version, static_cast<std::uint8_t>(socks_reply::succeeded), 0};
  base::byte_array<longest_socks_address> address;
  const auto size = encode_address(bound, address);
  base::append(reply, base::byte_view(address).first(size.value_or(0)));
  return reply;
}

socks_reply reply_for(const base::error& failure) noexcept {
  if (failure == errc::command_unsupported) {
    return socks_reply::command_not_supported;
  }
  if (failure == errc::address_type_unsupported) {
    return socks_reply::address_type_not_supported;
  }
  if (failure.category() == wire::wire_errors()) {
    return socks_reply::not_allowed;
  }
  const bool away = failure == net::errc::timed_out || failure.category() == sdk::sdk_errors();
  return away ? socks_reply::network_unreachable : socks_reply::general_failure;
}

}
