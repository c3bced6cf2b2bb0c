#include <cstdint>
#include <cstdlib>

#include "httvps/base/bytes.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/identity/enrolment_link.hpp"

namespace {

void expect_stable(std::string_view text) {
  using namespace httvps::identity;
  const auto link = parse_enrolment_link(text);
  if (!link) {
    return;
  }
  const auto built = build_enrolment_link(*link);
  if (built && parse_enrolment_link(*built) != link) {
    std::abort();
  }
}

}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace httvps;
  const auto text = base::as_text({data, size});
  expect_stable(text);
  expect_stable("httvps://host.example:443/#" + base::to_base64url(base::as_bytes(text)));
  return 0;
}
