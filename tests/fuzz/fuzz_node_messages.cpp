#include <cstdint>
#include <cstdlib>

#include "httvps/base/bytes.hpp"
#include "httvps/node/control/messages.hpp"

namespace {

using namespace httvps;

identity::box_key fixed_key() {
  base::seeded_random random(1);
  return identity::box_key::generate(random);
}

}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto key = fixed_key();
  const auto wanted = node::decode_wanted(base::as_text({data, size}), key);
  if (wanted && (!node::check(*wanted) || wanted->revision == 0)) {
    std::abort();
  }
  return 0;
}
