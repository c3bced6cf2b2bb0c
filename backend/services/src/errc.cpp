#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::services {
namespace {

constexpr base::error_entry entries[] = {
    {static_cast<int>(errc::user_not_found), "user_not_found", "There is no such user."},
    {static_cast<int>(errc::plan_not_found), "plan_not_found", "There is no such plan."},
    {static_cast<int>(errc::subscription_not_found), "subscription_not_found",
     "There is no such subscription, or the user has none that is live."},
    {static_cast<int>(errc::device_not_found), "device_not_found", "There is no such device."},
    {static_cast<int>(errc::gateway_not_found), "gateway_not_found", "There is no such gateway."},
    {static_cast<int>(errc::node_not_found), "node_not_found", "There is no such node."},
    {static_cast<int>(errc::region_not_found), "region_not_found", "There is no such region."},
    {static_cast<int>(errc::already_exists), "already_exists",
     "Something with this name exists already."},
    {static_cast<int>(errc::subscription_exists), "subscription_exists",
     "The user has a live subscription already."},
    {static_cast<int>(errc::invalid_dates), "invalid_dates", "The end must come after the start."},
    {static_cast<int>(errc::page_token_invalid), "page_token_invalid",
     "The page token does not come from this list."},
    {static_cast<int>(errc::credential_missing), "credential_missing",
     "This call needs a credential in the Authorization header."},
    {static_cast<int>(errc::credential_invalid), "credential_invalid",
     "The credential is not valid."},
    {static_cast<int>(errc::gateway_pending), "gateway_pending",
     "The gateway waits for the approval of an administrator."},
    {static_cast<int>(errc::gateway_disabled), "gateway_disabled",
     "The gateway has been disabled."},
    {static_cast<int>(errc::join_refused), "join_refused", "The join secret is not valid."},
    {static_cast<int>(errc::join_token_expired), "join_token_expired",
     "The join token has expired."},
    {static_cast<int>(errc::join_token_spent), "join_token_spent",
     "The join token was used by another gateway."},
    {static_cast<int>(errc::gateway_name_taken), "gateway_name_taken",
     "Another gateway with another key has this name."},
    {static_cast<int>(errc::too_many_pending), "too_many_pending",
     "Too many gateways wait for approval; approve or remove some first."},
    {static_cast<int>(errc::gateway_mismatch), "gateway_mismatch",
     "The identifier in the request is not the caller's own."},
    {static_cast<int>(errc::node_mismatch), "node_mismatch",
     "The identifier in the request is not the caller's own."},
    {static_cast<int>(errc::ticket_invalid), "ticket_invalid",
     "The enrolment ticket is not valid."},
    {static_cast<int>(errc::ticket_expired), "ticket_expired", "The enrolment ticket has expired."},
    {static_cast<int>(errc::ticket_spent), "ticket_spent",
     "The enrolment ticket has been used up."},
    {static_cast<int>(errc::ticket_wrong_gateway), "ticket_wrong_gateway",
     "The enrolment ticket was made for another gateway."},
    {static_cast<int>(errc::device_known_elsewhere), "device_known_elsewhere",
     "This device key is enrolled with another ticket already."},
    {static_cast<int>(errc::device_revoked), "device_revoked",
     "This device has been revoked. Ask for a new enrolment link."},
    {static_cast<int>(errc::device_limit), "device_limit",
     "The plan's number of devices is reached. Remove a device or choose a larger plan."},
    {static_cast<int>(errc::subscription_expired), "subscription_expired",
     "The subscription is not active: it has expired, is suspended or has not begun."},
    {static_cast<int>(errc::quota_exceeded), "quota_exceeded",
     "The traffic of this period is used up. It comes back when the next period begins."},
    {static_cast<int>(errc::session_limit), "session_limit",
     "The plan's number of sessions is reached."},
    {static_cast<int>(errc::region_denied), "region_denied",
     "The plan does not cover this gateway's region."},
    {static_cast<int>(errc::token_expired), "token_expired",
     "The access token has expired. Renew it."},
    {static_cast<int>(errc::token_invalid), "token_invalid", "The access token is not valid."},
    {static_cast<int>(errc::proof_invalid), "proof_invalid",
     "The device's proof does not fit the request."},
    {static_cast<int>(errc::proof_expired), "proof_expired",
     "The device's proof is too old or from the future. Check the clock."},
    {static_cast<int>(errc::proof_replayed), "proof_replayed",
     "The device's proof was shown before."},
    {static_cast<int>(errc::access_key_invalid), "access_key_invalid",
     "The access key is not a Shadowsocks link that can be used."},
    {static_cast<int>(errc::no_node_available), "no_node_available",
     "No healthy node is available in this region."},
    {static_cast<int>(errc::assignment_not_found), "assignment_not_found",
     "The device has not been given a node yet."},
    {static_cast<int>(errc::digest_mismatch), "digest_mismatch",
     "This sequence number was reported before with other content."},
    {static_cast<int>(errc::sequence_too_far), "sequence_too_far",
     "The sequence number is too far ahead of what was acknowledged."},
    {static_cast<int>(errc::storage_full), "storage_full", "The database has no room left."},
    {static_cast<int>(errc::storage_busy), "storage_busy",
     "The database is busy. Try again shortly."},
    {static_cast<int>(errc::storage_failed), "storage_failed", "The database failed."},
    {static_cast<int>(errc::secret_unreadable), "secret_unreadable",
     "A stored secret cannot be opened with the configured key."},
    {static_cast<int>(errc::signing_failed), "signing_failed", "A document could not be signed."},
    {static_cast<int>(errc::root_key_mismatch), "root_key_mismatch",
     "The root key file does not belong to this database."},
    {static_cast<int>(errc::lease_lost), "lease_lost",
     "Another process has taken over this work; nothing of it was written."},
};

const base::error_table table("backend_services", entries);

}

const base::error_table& service_errors() noexcept {
  return table;
}

std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), table};
}

}
