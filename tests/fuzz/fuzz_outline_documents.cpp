#include <cstdint>
#include <cstdlib>

#include "documents.hpp"
#include "httvps/base/bytes.hpp"
#include "httvps/outline/errc.hpp"

namespace {

using namespace httvps;

template <typename T>
void check(const base::result<T>& read) {
  if (!read && read.error() != outline::errc::answer_malformed) {
    std::abort();
  }
}

}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = base::as_text({data, size});
  check(outline::decode_key(text));
  check(outline::decode_keys(text));
  check(outline::decode_server(text));
  check(outline::decode_transfer(text));
  for (const int status : {200, 400, 404, 409, 500}) {
    static_cast<void>(outline::refusal_of(status, text));
  }
  return 0;
}
