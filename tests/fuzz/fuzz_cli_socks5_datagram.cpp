#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "errc.hpp"
#include "socks/socks5_datagram.hpp"

namespace {

using namespace httvps;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

bool is_named(const base::error& failure) {
  return failure == cli::errc::request_malformed || failure == cli::errc::fragment_unsupported ||
         failure == cli::errc::address_type_unsupported;
}

}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto datagram = cli::decode_datagram({data, size});
  if (!datagram) {
    require(is_named(datagram.error()));
    return 0;
  }
  base::byte_vector space(cli::socks_datagram_head_most + datagram->payload.size());
  const auto again = cli::decode_datagram(cli::encode_datagram(*datagram, space).value());
  require(again && again->target == datagram->target);
  require(std::ranges::equal(again->payload, datagram->payload));
  return 0;
}
