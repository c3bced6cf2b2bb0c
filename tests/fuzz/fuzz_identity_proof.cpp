#include <cstdint>
#include <cstdlib>

#include "httvps/base/bytes.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/identity/device_proof.hpp"

namespace httvps::identity {
namespace {

std::string written_back(const device_proof& presented) {
  return std::string(device_proof_scheme) + " " + presented.token + "~" +
         std::to_string(base::to_unix_seconds(presented.made_at)) + "~" +
         base::to_base64url(presented.proof);
}

}
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace httvps;
  const auto text = base::as_text({data, size});
  const auto parsed = identity::parse_device_proof(text);
  if (parsed && identity::written_back(*parsed) != text) {
    std::abort();
  }
  return 0;
}
