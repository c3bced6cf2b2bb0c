#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "httvps/identity/enrolment_link.hpp"
#include "httvps/net/tls_context.hpp"
#include "httvps/sdk/control_client.hpp"
#include "httvps/sdk/enrolment.hpp"

namespace httvps::sdk {

struct code_order {
  std::string server;
  std::string code;
  std::string authority_file = {};
  std::optional<net::certificate_digest> pin = std::nullopt;
  present_enrolment present = present_enrolment::keep;
};

bool is_enrolment_code(std::string_view text) noexcept;

control_task<identity::enrolment_link> redeem_code(state_store store, code_order order,
                                                   base::steady_time deadline);

}
