#include "socks/socks5_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "errc.hpp"

namespace httvps::cli {
namespace {

struct host_place {
  std::size_t start = 1;
  std::size_t size = 0;

  std::size_t end() const noexcept { return start + size; }
};

base::result<host_place> find_host(base::byte_view bytes) {
  const auto type = bytes.empty() ? std::uint8_t{0} : bytes.front();
  if (type == socks_ipv4_type || type == socks_ipv6_type) {
    return host_place{.size = type == socks_ipv4_type ? std::size_t{4} : std::size_t{16}};
  }
  if (type != socks_domain_type) {
    return base::fail(bytes.empty() ? errc::request_malformed : errc::address_type_unsupported);
  }
  if (bytes.size() < 2 || bytes[1] == 0) {
    return base::fail(errc::request_malformed);
  }
  return host_place{.start = 2, .size = bytes[1]};
}

template <typename Target>
wire::target address_target(base::byte_view address, std::uint16_t port) {
  Target found{.address = {}, .port = port};
  base::copy_bytes(found.address, address);
  return found;
}

bool is_host_byte(std::uint8_t byte) {
  return byte > 0x20 && byte != 0x7f;
}

wire::target named_target(std::string name, std::uint16_t port) {
  wire::ipv4_target four{.address = {}, .port = port};
  if (::inet_pton(AF_INET, name.c_str(), four.address.data()) == 1) {
    return four;
  }
  wire::ipv6_target six{.address = {}, .port = port};
  if (::inet_pton(AF_INET6, name.c_str(), six.address.data()) == 1) {
    return six;
  }
  return wire::domain_target{.name = std::move(name), .port = port};
}

class address_writer {
 public:
  explicit address_writer(base::byte_span out) : out_(out) {}

  base::result<std::size_t> operator()(const wire::ipv4_target& to) {
    put(std::array{socks_ipv4_type});
    put(to.address);
    return finish(to.port);
  }
  base::result<std::size_t> operator()(const wire::ipv6_target& to) {
    put(std::array{socks_ipv6_type});
    put(to.address);
    return finish(to.port);
  }
  base::result<std::size_t> operator()(const wire::domain_target& to) {
    if (to.name.empty() || to.name.size() > 255) {
      return base::fail(errc::address_type_unsupported);
    }
    put(std::array{socks_domain_type, static_cast<std::uint8_t>(to.name.size())});
    put(base::as_bytes(to.name));
    return finish(to.port);
  }
  base::result<std::size_t> operator()(const wire::reserved_target&) {
    return base::fail(errc::address_type_unsupported);
  }

 private:
  void put(base::byte_view bytes) {
    if (used_ + bytes.size() <= out_.size()) {
      base::copy_bytes(out_.subspan(used_), bytes);
    }
    used_ += bytes.size();
  }
  base::result<std::size_t> finish(std::uint16_t port) {
    put(std::array{static_cast<std::uint8_t>(port >> 8U), static_cast<std::uint8_t>(port)});
    if (used_ > out_.size()) {
      return base::fail(base::errc::limit_reached);
    }
    return used_;
  }

  base::byte_span out_;
  std::size_t used_ = 0;
};

}

std::uint16_t port_of(const wire::target& target) noexcept {
  const auto read = [](const auto& each) -> std::uint16_t {
    if constexpr (requires { each.port; }) {
      return each.port;
    } else {
      return 0;
    }
  };
  return std::visit(read, target);
}

base::result<socks_address> decode_address(base::byte_view bytes) {
  HTTVPS_TRY(const auto place, find_host(bytes));
  const auto size = place.end() + socks_port_size;
  if (bytes.size() < size) {
    return base::fail(errc::request_malformed);
  }
  const auto host = bytes.subspan(place.start, place.size);
  const auto port = static_cast<std::uint16_t>(bytes[place.end()] << 8U | bytes[place.end() + 1]);
  if (bytes.front() == socks_ipv4_type) {
    return socks_address{.target = address_target<wire::ipv4_target>(host, port), .size = size};
  }
  if (bytes.front() == socks_ipv6_type) {
    return socks_address{.target = address_target<wire::ipv6_target>(host, port), .size = size};
  }
  if (!std::ranges::all_of(host, is_host_byte)) {
    return base::fail(errc::request_malformed);
  }
  return socks_address{.target = named_target(std::string(base::as_text(host)), port),
                       .size = size};
}

base::result<std::size_t> encode_address(const wire::target& target, base::byte_span out) {
  return std::visit(address_writer(out), target);
}

}
