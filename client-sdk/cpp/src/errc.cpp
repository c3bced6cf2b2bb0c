#include "httvps/sdk/errc.hpp"

namespace httvps::sdk {
namespace {

constexpr base::error_entry entries[] = {
    {static_cast<int>(errc::not_enrolled), "not_enrolled", "This device is not enrolled yet."},
    {static_cast<int>(errc::already_enrolled), "already_enrolled",
     "This device is enrolled already."},
    {static_cast<int>(errc::state_folder_unknown), "state_folder_unknown",
     "Neither XDG_STATE_HOME nor HOME says where to keep the state."},
    {static_cast<int>(errc::state_exposed), "state_exposed",
     "The state folder or a file in it belongs to another user or others may read it."},
    {static_cast<int>(errc::state_damaged), "state_damaged",
     "The enrolment record is not readable as such."},
    {static_cast<int>(errc::state_unreadable), "state_unreadable",
     "The state folder or a file in it cannot be read."},
    {static_cast<int>(errc::state_unwritable), "state_unwritable",
     "The state folder or a file in it cannot be written."},
    {static_cast<int>(errc::enrolment_outdated), "enrolment_outdated",
     "The enrolment was not renewed for so long that it is no longer valid."},
    {static_cast<int>(errc::no_permitted_gateway), "no_permitted_gateway",
     "The configuration names no gateway that this device may use."},
    {static_cast<int>(errc::config_rollback), "config_rollback",
     "The configuration is older than the one already known."},
    {static_cast<int>(errc::wrong_device), "wrong_device",
     "The access token was made for another device."},
    {static_cast<int>(errc::gateway_unresolved), "gateway_unresolved",
     "The name of the gateway has no address."},
    {static_cast<int>(errc::gateway_refused), "gateway_refused",
     "The gateway's address refused the connection."},
    {static_cast<int>(errc::gateway_unreachable), "gateway_unreachable",
     "There is no way to the gateway's address."},
    {static_cast<int>(errc::gateway_timed_out), "gateway_timed_out",
     "The gateway did not answer in time."},
    {static_cast<int>(errc::gateway_cut), "gateway_cut",
     "The connection was cut while it was being made."},
    {static_cast<int>(errc::gateway_tls_failed), "gateway_tls_failed",
     "The gateway's address does not speak TLS as expected."},
    {static_cast<int>(errc::gateway_tls_outdated), "gateway_tls_outdated",
     "The connection is not TLS 1.3."},
    {static_cast<int>(errc::gateway_key_mismatch), "gateway_key_mismatch",
     "The key of the server is not the gateway's."},
    {static_cast<int>(errc::gateway_name_mismatch), "gateway_name_mismatch",
     "The certificate of the server is for another name."},
    {static_cast<int>(errc::gateway_did_not_recognise), "gateway_did_not_recognise",
     "The gateway answered as a web site: it did not recognise this device."},
    {static_cast<int>(errc::gateway_answer_malformed), "gateway_answer_malformed",
     "The gateway's answer is not HTTP."},
    {static_cast<int>(errc::clock_wrong), "clock_wrong",
     "The clock of this device and the clock of the service differ too much."},
    {static_cast<int>(errc::control_answer_malformed), "control_answer_malformed",
     "The answer of the control plane is not what this version understands."},
    {static_cast<int>(errc::control_unavailable), "control_unavailable",
     "The control plane cannot answer now."},
    {static_cast<int>(errc::control_refused), "control_refused",
     "The control plane refused the request."},
    {static_cast<int>(errc::ticket_invalid), "ticket_invalid", "The enrolment link is not valid."},
    {static_cast<int>(errc::ticket_spent), "ticket_spent", "The enrolment link has been used up."},
    {static_cast<int>(errc::device_known_elsewhere), "device_known_elsewhere",
     "This device key is enrolled with another link already."},
    {static_cast<int>(errc::stream_ended), "stream_ended", "The stream has ended."},
    {static_cast<int>(errc::too_many_waiting), "too_many_waiting",
     "Too many callers wait for the tunnel."},
    {static_cast<int>(errc::tunnel_stopped), "tunnel_stopped", "The tunnel was stopped."},
    {static_cast<int>(errc::device_not_found), "device_not_found",
     "The subscription has no such device."},
    {static_cast<int>(errc::code_malformed), "code_malformed",
     "The text is not an enrolment code: ten letters and digits such as ABCDE-FGHJK."},
    {static_cast<int>(errc::code_unknown), "code_unknown", "There is no such enrolment code."},
    {static_cast<int>(errc::code_expired), "code_expired", "The enrolment code has expired."},
    {static_cast<int>(errc::code_spent), "code_spent",
     "The enrolment code has been used by another device."},
    {static_cast<int>(errc::too_many_tries), "too_many_tries",
     "The server takes no more enrolment codes for a while."},
    {static_cast<int>(errc::server_address_invalid), "server_address_invalid",
     "The server's address is not of the form https://control.example."},
    {static_cast<int>(errc::server_not_https), "server_not_https",
     "The server's address is not https, and others could read the link."},
    {static_cast<int>(errc::server_unreachable), "server_unreachable",
     "The server does not answer."},
    {static_cast<int>(errc::server_not_trusted), "server_not_trusted",
     "The server's certificate is not one that is trusted for its name."},
    {static_cast<int>(errc::server_answer_strange), "server_answer_strange",
     "What answers at the server's address is not the control plane."},
    {static_cast<int>(errc::authority_unreadable), "authority_unreadable",
     "The file of the certificate authority cannot be used."},
    {static_cast<int>(errc::region_without_gateway), "region_without_gateway",
     "No gateway serves this region."},
    {static_cast<int>(errc::policy_rollback), "policy_rollback",
     "The policy is older than the one already known."},
};

const base::error_table table("sdk", entries);

}

const base::error_table& sdk_errors() noexcept {
  return table;
}

std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), table};
}

}
