#include "problem_error.hpp"

#include <utility>

#include "httvps/gateway/control/errc.hpp"

namespace httvps::gateway {
namespace {

constexpr std::pair<std::string_view, control_errc> named[] = {
    {"gateway_pending", control_errc::gateway_pending},
    {"gateway_disabled", control_errc::gateway_disabled},
    {"no_node_available", control_errc::no_node_available},
    {"digest_mismatch", control_errc::digest_mismatch},
    {"credential_expired", control_errc::credential_expired},
    {"credential_revoked", control_errc::credential_revoked},
};
constexpr int status_unauthorized = 401;
constexpr int status_too_many = 429;
constexpr int first_server_error = 500;

}

base::error error_of_problem(const heard_problem& heard) {
  for (const auto& [code, meaning] : named) {
    if (heard.code == code) {
      return meaning;
    }
  }
  if (heard.status == status_unauthorized) {
    return control_errc::credential_refused;
  }
  if (heard.status == status_too_many || heard.status >= first_server_error) {
    return control_errc::backend_overloaded;
  }
  return control_errc::backend_refused;
}

}
