#include <cstdint>
#include <cstdlib>

#include "httvps/backend/schemas/account_documents.hpp"
#include "httvps/backend/schemas/device_documents.hpp"
#include "httvps/backend/schemas/gateway_documents.hpp"
#include "httvps/backend/schemas/infrastructure_documents.hpp"
#include "httvps/backend/schemas/session_documents.hpp"
#include "httvps/base/bytes.hpp"

namespace httvps::backend::schemas {
namespace {

template <typename Document>
void expect_stable(std::string_view text) {
  const auto document = read_document<Document>(text);
  if (!document) {
    if (document.error().empty() || document.error().size() > most_problems) {
      std::abort();
    }
    return;
  }
  const auto written = write_document(*document);
  const auto again = read_document<Document>(written);
  if (!again || write_document(*again) != written) {
    std::abort();
  }
}

}
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace httvps::backend;
  const auto text = httvps::base::as_text({data, size});
  schemas::expect_stable<schemas::join_request>(text);
  schemas::expect_stable<schemas::gateway_heartbeat_request>(text);
  schemas::expect_stable<schemas::validate_request>(text);
  schemas::expect_stable<schemas::assign_request>(text);
  schemas::expect_stable<schemas::usage_report_request>(text);
  schemas::expect_stable<schemas::enrol_request>(text);
  schemas::expect_stable<schemas::plan_request>(text);
  schemas::expect_stable<schemas::subscription_request>(text);
  schemas::expect_stable<schemas::node_request>(text);
  return 0;
}
