#include <cstdint>
#include <cstdlib>

#include "httvps/base/bytes.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/identity/paseto.hpp"

namespace httvps::identity {
namespace {

std::string written_back(const parsed_paseto& token) {
  auto body = token.payload;
  body.append(base::as_text(token.proof));
  std::string text(paseto_header);
  text.append(base::to_base64url(base::as_bytes(body)));
  if (!token.footer.empty()) {
    text.append(".").append(base::to_base64url(base::as_bytes(token.footer)));
  }
  return text;
}

}
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace httvps;
  const auto text = base::as_text({data, size});
  const auto parsed = identity::parse_paseto(text);
  if (parsed && identity::written_back(*parsed) != text) {
    std::abort();
  }
  return 0;
}
