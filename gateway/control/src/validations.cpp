#include "httvps/gateway/control/validations.hpp"

#include <algorithm>
#include <utility>

#include "httvps/gateway/control/errc.hpp"
#include "json_fields.hpp"
#include "problem_error.hpp"

namespace httvps::gateway {
namespace {

namespace json = boost::json;

constexpr std::uint64_t session_limit_most = 65'536;

base::result<std::optional<std::uint64_t>> rate_field(const json::object& policy,
                                                      std::string_view name) {
  HTTVPS_TRY(const auto rate, optional_number(policy, name));
  return rate == 0 ? std::nullopt : std::optional(rate);
}

base::result<std::optional<quota_terms>> quota_field(const json::object& policy) {
  const auto* value = policy.if_contains("quota");
  if (value == nullptr || value->is_null()) {
    return std::optional<quota_terms>();
  }
  if (!value->is_object()) {
    return base::fail(control_errc::backend_answer_invalid);
  }
  quota_terms terms;
  HTTVPS_TRY(terms.remaining, number_field(value->get_object(), "remaining"));
  HTTVPS_TRY(terms.offline_bytes, number_field(value->get_object(), "offline_bytes"));
  return std::optional(terms);
}

base::result<allowance> decode_allowance(const json::object& answer) {
  allowance allowed;
  HTTVPS_TRY(allowed.device_id, text_field(answer, "device_id"));
  HTTVPS_TRY(allowed.subscription_id, text_field(answer, "subscription_id"));
  HTTVPS_TRY(allowed.plan_id, optional_text(answer, "plan_id"));
  HTTVPS_TRY(allowed.ends_at, optional_moment(answer, "ends_at"));
  HTTVPS_TRY(const auto recheck, number_field(answer, "recheck_s"));
  const auto* policy = answer.if_contains("policy");
  if (policy == nullptr || !policy->is_object()) {
    return base::fail(control_errc::backend_answer_invalid);
  }
  const auto& terms = policy->get_object();
  HTTVPS_TRY(const auto limit, number_field(terms, "session_limit"));
  HTTVPS_TRY(allowed.up_bps, rate_field(terms, "up_bps"));
  HTTVPS_TRY(allowed.down_bps, rate_field(terms, "down_bps"));
  HTTVPS_TRY(allowed.quota, quota_field(terms));
  HTTVPS_TRY(const auto elsewhere, optional_number(answer, "sessions_elsewhere"));
  allowed.sessions_elsewhere =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(elsewhere, session_limit_most));
  allowed.session_limit =
      static_cast<std::uint32_t>(std::clamp<std::uint64_t>(limit, 1, session_limit_most));
  allowed.recheck = std::chrono::seconds(std::clamp<std::uint64_t>(recheck, 1, 86400));
  return allowed;
}

json::object to_object(const validation_request& request) {
  json::object object{{"token", request.token}, {"session", request.session}};
  if (!request.epoch.empty()) {
    object["epoch"] = request.epoch;
  }
  return object;
}

base::result<validation> decode_one(const json::object& answer) {
  HTTVPS_TRY(const bool allowed, flag_field(answer, "allow"));
  if (allowed) {
    HTTVPS_TRY(auto granted, decode_allowance(answer));
    return granted;
  }
  denial refused;
  HTTVPS_TRY(refused.code, text_field(answer, "code"));
  HTTVPS_TRY(refused.sentence, text_field(answer, "sentence"));
  return refused;
}

base::result<validation> decode_entry(const json::value& value) {
  if (!value.is_object()) {
    return base::fail(control_errc::backend_answer_invalid);
  }
  const auto* failed = value.get_object().if_contains("problem");
  if (failed == nullptr || !failed->is_object()) {
    return decode_one(value.get_object());
  }
  const auto& problem = failed->get_object();
  HTTVPS_TRY(const auto status, number_field(problem, "status"));
  HTTVPS_TRY(const auto code, text_field(problem, "code"));
  return base::fail(error_of_problem({.status = static_cast<int>(status), .code = code}));
}

}

std::string encode_validate(const validation_request& request) {
  return json::serialize(to_object(request));
}

std::string encode_validations(const std::vector<validation_request>& requests) {
  json::array items;
  for (const auto& each : requests) {
    items.push_back(to_object(each));
  }
  return json::serialize(json::object{{"items", std::move(items)}});
}

base::result<validation> decode_validation(std::string_view body) {
  HTTVPS_TRY(const auto answer, parse_object(body));
  return decode_one(answer);
}

base::result<validation_list> decode_validations(std::string_view body, std::size_t asked) {
  HTTVPS_TRY(const auto answer, parse_object(body));
  const auto* items = answer.if_contains("items");
  if (items == nullptr || !items->is_array() || items->get_array().size() != asked) {
    return base::fail(control_errc::backend_answer_invalid);
  }
  validation_list told;
  told.reserve(asked);
  for (const auto& each : items->get_array()) {
    told.push_back(decode_entry(each));
  }
  return told;
}

}
