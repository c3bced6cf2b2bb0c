#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "httvps/gateway/state/gateway_state.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace httvps;
  const base::byte_view content(data, size);
  const auto state = gateway::decode_state(content);
  if (!state) {
    return 0;
  }
  const auto again = gateway::encode_state(*state, 4 * size + 64 * base::kibibyte);
  if (!again || !std::ranges::equal(again->reveal(), content)) {
    std::abort();
  }
  return 0;
}
