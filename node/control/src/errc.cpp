#include "httvps/node/control/errc.hpp"

namespace httvps::node {
namespace {

using enum control_errc;

constexpr base::error_entry entries[] = {
    {static_cast<int>(backend_unreachable), "backend_unreachable",
     "The control plane does not answer."},
    {static_cast<int>(backend_refused), "backend_refused",
     "The control plane refused the request of the agent."},
    {static_cast<int>(backend_answer_invalid), "backend_answer_invalid",
     "The control plane answered with something that is not understood."},
    {static_cast<int>(backend_overloaded), "backend_overloaded",
     "The control plane asks to come back later."},
    {static_cast<int>(credential_refused), "credential_refused",
     "The control plane does not accept the credential of the agent."},
    {static_cast<int>(sealed_for_another), "sealed_for_another",
     "An access key was sealed to another key than the agent's."},
    {static_cast<int>(credential_expired), "credential_expired",
     "The credential of the agent expired before it was renewed; put another one into its file."},
    {static_cast<int>(credential_revoked), "credential_revoked",
     "An administrator revoked the credential of the agent; put another one into its file."},
};

const base::error_table table("node_control", entries);

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
