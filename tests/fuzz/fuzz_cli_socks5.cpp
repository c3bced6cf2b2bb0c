#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "socks/socks5.hpp"

namespace httvps::cli {
namespace {

struct reading {
  std::vector<wire::target> targets;
  base::error failure;
};

reading read_in_steps(base::byte_view bytes, std::size_t step) {
  socks5_reader reader;
  reading seen;
  while (!bytes.empty() && !seen.failure) {
    auto piece = bytes.first(std::min(step, bytes.size()));
    bytes = bytes.subspan(piece.size());
    while (true) {
      const auto message = reader.next(piece);
      if (!message) {
        seen.failure = message.error();
        break;
      }
      if (!*message) {
        break;
      }
      if (const auto* request = std::get_if<socks_request>(&**message)) {
        seen.targets.push_back(request->target);
      }
    }
  }
  return seen;
}

}
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace httvps;
  const auto whole = cli::read_in_steps({data, size}, size);
  const auto single = cli::read_in_steps({data, size}, 1);
  if (whole.targets != single.targets || whole.failure != single.failure) {
    std::abort();
  }
  return 0;
}
