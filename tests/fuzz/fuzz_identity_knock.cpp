#include <cstdint>
#include <cstdlib>

#include "httvps/base/bytes.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/identity/knock.hpp"

namespace httvps::identity {
namespace {

std::string written_back(const access_knock& presented) {
  return presented.token + "~" + base::to_base64url(presented.proof);
}

std::string written_back(const ticket_knock& presented) {
  return presented.ticket + "~" + presented.device_key.to_base64url() + "~" +
         base::to_base64url(presented.proof);
}

}
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace httvps;
  const auto text = base::as_text({data, size});
  const auto parsed = identity::parse_knock(text);
  if (parsed && std::visit([](const auto& presented) { return identity::written_back(presented); },
                           *parsed) != text) {
    std::abort();
  }
  return 0;
}
