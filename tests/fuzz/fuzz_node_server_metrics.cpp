#include <cstdint>
#include <cstdlib>

#include "httvps/base/bytes.hpp"
#include "httvps/node/keys/errc.hpp"
#include "httvps/node/keys/key_counters.hpp"

namespace {

using namespace httvps;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void check_counters(const node::server_metrics& read) {
  node::key_counters counters("00112233445566ff");
  counters.take(read, "1");
  counters.take({}, "2");
  const auto totals = counters.totals();
  require(totals == read.traffic);
  const auto kept = node::key_counters::from_text(counters.to_text());
  require(!kept || kept->totals() == totals);
}

}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = base::as_text({data, size});
  const auto read = node::read_server_metrics(text);
  if (read) {
    require(read->traffic.size() <= node::counted_keys_most);
    check_counters(*read);
  } else {
    require(&read.error().category() == &node::keys_errors());
  }
  static_cast<void>(node::key_counters::from_text(text));
  return 0;
}
