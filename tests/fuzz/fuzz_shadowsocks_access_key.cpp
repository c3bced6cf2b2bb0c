#include <cstdint>
#include <cstdlib>

#include "httvps/shadowsocks/access_key.hpp"

using httvps::base::as_text;
using httvps::shadowsocks::parse_access_key;
using httvps::shadowsocks::to_uri;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = parse_access_key(as_text({data, size}));
  if (!parsed) {
    return 0;
  }
  const auto canonical = to_uri(*parsed);
  if (canonical.size() > httvps::shadowsocks::max_access_key_size) {
    return 0;
  }
  const auto again = parse_access_key(canonical.reveal_text());
  if (!again || *again != *parsed || to_uri(*again) != canonical) {
    std::abort();
  }
  return 0;
}
