#include "httvps/backend/api/problem.hpp"

#include <algorithm>

#include "httvps/backend/schemas/problem_document.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/base/error.hpp"

namespace httvps::backend::api {
namespace {

using services::errc;

constexpr std::chrono::seconds shortest_wait{1};

struct status_rule {
  errc code;
  int status;
};

constexpr status_rule rules[] = {
    {errc::user_not_found, 404},
    {errc::plan_not_found, 404},
    {errc::subscription_not_found, 404},
    {errc::device_not_found, 404},
    {errc::assignment_not_found, 404},
    {errc::region_not_found, 404},
    {errc::gateway_not_found, 404},
    {errc::node_not_found, 404},
    {errc::already_exists, 409},
    {errc::rotation_pending, 409},
    {errc::too_many_signing_keys, 409},
    {errc::subscription_exists, 409},
    {errc::invalid_dates, 422},
    {errc::page_token_invalid, 400},
    {errc::credential_missing, 401},
    {errc::credential_invalid, 401},
    {errc::gateway_pending, 403},
    {errc::gateway_disabled, 403},
    {errc::join_refused, 403},
    {errc::join_token_expired, 403},
    {errc::join_token_spent, 403},
    {errc::gateway_name_taken, 409},
    {errc::too_many_pending, 429},
    {errc::gateway_mismatch, 403},
    {errc::node_mismatch, 403},
    {errc::ticket_invalid, 403},
    {errc::ticket_expired, 403},
    {errc::ticket_spent, 403},
    {errc::ticket_wrong_gateway, 403},
    {errc::device_known_elsewhere, 409},
    {errc::device_revoked, 403},
    {errc::device_limit, 403},
    {errc::subscription_expired, 403},
    {errc::access_suspended, 403},
    {errc::quota_exceeded, 403},
    {errc::session_limit, 403},
    {errc::region_denied, 403},
    {errc::token_expired, 401},
    {errc::token_invalid, 401},
    {errc::proof_invalid, 401},
    {errc::proof_expired, 401},
    {errc::proof_replayed, 401},
    {errc::access_key_invalid, 422},
    {errc::no_node_available, 503},
    {errc::digest_mismatch, 409},
    {errc::sequence_too_far, 422},
    {errc::storage_full, 507},
    {errc::storage_busy, 503},
    {errc::lease_lost, 503},
    {errc::node_address_invalid, 422},
    {errc::keys_not_managed, 409},
    {errc::node_not_managed, 409},
    {errc::management_access_invalid, 422},
    {errc::too_many_keys, 409},
    {errc::too_many_epochs, 429},
    {errc::quarantine_full, 429},
    {errc::box_key_invalid, 422},
    {errc::role_denied, 403},
    {errc::scope_denied, 403},
    {errc::grant_exceeds_own, 403},
    {errc::admin_token_not_found, 404},
    {errc::schema_too_old, 503},
    {errc::admin_not_found, 404},
    {errc::login_refused, 401},
    {errc::totp_required, 401},
    {errc::session_needed, 409},
    {errc::password_wrong, 422},
    {errc::totp_wrong, 422},
    {errc::totp_state_wrong, 409},
    {errc::passwords_busy, 503},
    {errc::precondition_failed, 412},
    {errc::user_deleted, 409},
    {errc::plan_in_use, 409},
    {errc::plan_retired, 409},
    {errc::subscription_over, 409},
    {errc::subscription_endless, 409},
    {errc::extension_too_long, 403},
    {errc::period_endless, 409},
    {errc::ticket_not_found, 404},
    {errc::ticket_revoked, 403},
    {errc::node_in_use, 409},
    {errc::node_keys_live, 409},
    {errc::node_disabled, 409},
    {errc::region_in_use, 409},
    {errc::region_place_incomplete, 422},
    {errc::gateway_not_pending, 409},
    {errc::join_token_not_found, 404},
    {errc::join_token_revoked, 403},
    {errc::access_key_not_found, 404},
    {errc::idempotency_key_reused, 422},
    {errc::idempotency_key_in_flight, 409},
    {errc::idempotency_answer_lost, 409},
    {errc::too_many_idempotency_keys, 429},
    {errc::last_admin, 409},
    {errc::step_up_needed, 403},
    {errc::enrolment_code_unknown, 404},
    {errc::enrolment_code_expired, 410},
    {errc::enrolment_code_spent, 410},
    {errc::too_many_enrolment_codes, 429},
    {errc::region_without_gateway, 404},
    {errc::gateway_not_draining, 409},
    {errc::credential_expired, 401},
    {errc::credential_revoked, 401},
    {errc::credential_not_found, 404},
    {errc::credential_ended, 409},
    {errc::keepalive_reversed, 422},
    {errc::carrier_age_reversed, 422},
};

int status_of(const std::error_code& cause) noexcept {
  const auto found =
      std::ranges::find_if(rules, [&](const status_rule& rule) { return cause == rule.code; });
  return found == std::end(rules) ? 500 : found->status;
}

schemas::problem_document document_of(const problem& found, const problem_place& place) {
  schemas::problem_document document{.type = "urn:httvps:problem:" + found.code,
                                     .title = title_of(found.code),
                                     .status = found.status,
                                     .detail = found.detail,
                                     .instance = std::string(place.instance),
                                     .code = found.code,
                                     .request_id = std::string(place.request_id),
                                     .errors = {}};
  for (const auto& field : found.fields) {
    document.errors.items.push_back(
        {.pointer = field.pointer, .code = field.code, .detail = field.detail});
  }
  return document;
}

}

problem::problem(std::error_code cause)
    : status(status_of(cause)), code(base::label_of(cause)), detail(cause.message()) {
  if (status == 500) {
    detail = "The server failed to answer. The log has the request id.";
  }
}

problem::problem(int http_status, std::string_view label, std::string_view sentence)
    : status(http_status), code(label), detail(sentence) {}

problem problem::invalid_fields(std::vector<schemas::field_problem> found) {
  const bool unreadable = found.size() == 1 && found.front().pointer.empty();
  problem made(unreadable ? 400 : 422, "invalid_request", "The request has invalid fields.");
  made.fields = std::move(found);
  return made;
}

std::string title_of(std::string_view code) {
  std::string title(code);
  std::ranges::replace(title, '_', ' ');
  if (!title.empty() && title.front() >= 'a' && title.front() <= 'z') {
    title.front() = static_cast<char>(title.front() - 'a' + 'A');
  }
  return title;
}

net::http_response to_response(const problem& found, const problem_place& place) {
  net::http_response response{.status = found.status};
  response.headers.add("Content-Type", "application/problem+json");
  response.headers.add("Cache-Control", "no-store");
  if (found.status == 401) {
    response.headers.add("WWW-Authenticate", "Bearer");
  }
  if (found.status == 503 || found.status == 429) {
    const auto wait = found.retry_after.value_or(shortest_wait);
    response.headers.add("Retry-After", std::to_string(wait.count()));
  }
  for (const auto& field : found.headers) {
    response.headers.add(field.name, field.value);
  }
  response.body = schemas::write_document(document_of(found, place));
  return response;
}

namespace problems {

problem route_not_found() {
  return {404, "route_not_found", "There is nothing at this path."};
}

problem method_not_allowed() {
  return {405, "method_not_allowed", "This path does not take this method."};
}

problem unsupported_media_type() {
  return {415, "unsupported_media_type", "The body must be application/json."};
}

problem rate_limited() {
  return {429, "rate_limited", "Too many requests. Try again after the time in Retry-After."};
}

problem server_busy() {
  return {503, "server_busy", "The server is busy. Try again shortly."};
}

problem precondition_invalid() {
  return {400, "precondition_invalid",
          "If-Match and If-None-Match take * or up to 32 entity tags in double quotes."};
}

problem precondition_required() {
  return {428, "precondition_required",
          "This call needs If-Match with the ETag of what was read, or *."};
}

problem media_type_unsupported() {
  return {415, "unsupported_media_type",
          "A change is application/merge-patch+json or application/json."};
}

}

}
