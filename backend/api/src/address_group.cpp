#include "address_group.hpp"

#include <arpa/inet.h>

#include <array>

#include "httvps/base/encoding.hpp"

namespace httvps::backend::api {
namespace {

constexpr std::size_t network_bytes = 8;
constexpr std::size_t embedded_at = 12;
constexpr base::byte_array<embedded_at> embedded_prefix = {0, 0, 0, 0, 0,    0,
                                                           0, 0, 0, 0, 0xff, 0xff};

}

std::string address_group(std::string_view peer) {
  const std::string plain(peer.substr(0, peer.find('%')));
  base::byte_array<sizeof(in6_addr)> bytes{};
  if (inet_pton(AF_INET6, plain.c_str(), bytes.data()) != 1) {
    return plain;
  }
  const auto whole = base::byte_view(bytes);
  if (std::equal(embedded_prefix.begin(), embedded_prefix.end(), bytes.begin())) {
    std::array<char, INET_ADDRSTRLEN> text{};
    return inet_ntop(AF_INET, whole.subspan(embedded_at).data(), text.data(), text.size());
  }
  return base::to_hex(whole.first(network_bytes)) + "/64";
}

}
