#include "httvps/gateway/control/errc.hpp"

namespace httvps::gateway {
namespace {

using enum control_errc;

constexpr base::error_entry entries[] = {
    {static_cast<int>(backend_unreachable), "backend_unreachable",
     "The control plane does not answer."},
    {static_cast<int>(backend_refused), "backend_refused",
     "The control plane refused the request of the gateway."},
    {static_cast<int>(backend_answer_invalid), "backend_answer_invalid",
     "The control plane answered with something that is not understood."},
    {static_cast<int>(backend_overloaded), "backend_overloaded",
     "The control plane asks to come back later."},
    {static_cast<int>(gateway_pending), "gateway_pending",
     "The gateway waits for the approval of an administrator."},
    {static_cast<int>(join_refused), "join_refused",
     "The control plane did not accept the join secret."},
    {static_cast<int>(no_node_available), "no_node_available",
     "The control plane has no node for this device."},
    {static_cast<int>(credential_refused), "credential_refused",
     "The control plane does not accept the credential of the gateway."},
    {static_cast<int>(digest_mismatch), "digest_mismatch",
     "The control plane holds another usage batch under the same number."},
    {static_cast<int>(membership_missing), "membership_missing", "The gateway has not joined yet."},
    {static_cast<int>(membership_invalid), "membership_invalid",
     "The file with the gateway's membership is damaged."},
    {static_cast<int>(gateway_disabled), "gateway_disabled",
     "An administrator turned this gateway away or cut it off; it asks again each 30 s."},
    {static_cast<int>(credential_expired), "credential_expired",
     "The credential of the gateway expired before it was renewed; the gateway joins anew."},
    {static_cast<int>(credential_revoked), "credential_revoked",
     "An administrator revoked the credential of the gateway; the gateway joins anew."},
    {static_cast<int>(policy_rollback), "policy_rollback",
     "The policy is older than the one already known."},
    {static_cast<int>(lease_refused), "lease_refused",
     "The control plane does not take the device's token as a reason to lease quota."},
};

const base::error_table table("gateway_control", entries);

}

const base::error_table& control_errors() noexcept {
  return table;
}

std::error_code make_error_code(control_errc code) noexcept {
  return {static_cast<int>(code), table};
}

bool says_credential_is_bad(const base::error& failure) noexcept {
  return failure == credential_refused || failure == credential_expired ||
         failure == credential_revoked;
}

}
