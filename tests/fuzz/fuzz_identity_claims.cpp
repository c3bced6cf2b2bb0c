#include <cstdint>
#include <cstdlib>

#include "httvps/base/bytes.hpp"
#include "httvps/identity/claims.hpp"
#include "httvps/identity/policy.hpp"

namespace httvps::identity {
namespace {

template <typename Claims>
void expect_stable(base::result<Claims> (*decode)(std::string_view), std::string_view text) {
  const auto claims = decode(text);
  if (!claims) {
    return;
  }
  const auto encoded = encode_claims(*claims);
  if (!encoded || decode(*encoded) != claims) {
    std::abort();
  }
}

}
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace httvps;
  const auto text = base::as_text({data, size});
  identity::expect_stable(identity::decode_access_claims, text);
  identity::expect_stable(identity::decode_ticket_claims, text);
  identity::expect_stable(identity::decode_key_set_claims, text);
  identity::expect_stable(identity::decode_config_claims, text);
  identity::expect_stable(identity::decode_policy_claims, text);
  return 0;
}
