#include "httvps/gateway/control/control_plane.hpp"

#include <fmt/format.h>

#include <utility>

#include "httvps/base/encoding.hpp"
#include "httvps/base/random.hpp"
#include "httvps/base/scope_exit.hpp"
#include "httvps/base/secret_text.hpp"
#include "json_fields.hpp"
#include "problem_error.hpp"

namespace httvps::gateway {
namespace {

constexpr int status_ok = 200;
constexpr int status_not_modified = 304;
constexpr std::size_t attempt_size = 16;
constexpr auto pause_before_retry = std::chrono::milliseconds(200);

base::error error_of(const net::http_response& answer) {
  const auto code = problem_code(answer.body);
  return error_of_problem({.status = answer.status, .code = code});
}

bool is_unsettled(const base::result<net::http_response>& answer) {
  if (!answer) {
    return true;
  }
  const auto code = answer->status >= 500 ? problem_code(answer->body) : std::string();
  return code == "storage_failed" || code == "storage_busy";
}

std::string bearer(const base::secret_bytes& credential) {
  return std::string("Bearer ").append(credential.reveal_text());
}

}

control_plane::control_plane(net::http_client client, identity::box_key key, observer watch)
    : client_(std::move(client)), key_(std::move(key)), watch_(std::move(watch)) {}

net::task<net::http_response> control_plane::send(net::http_request request,
                                                  std::chrono::seconds patience) {
  const auto started = base::real_clock().steady_now();
  auto answer = co_await client_.call(std::move(request), started + control_call_limit + patience);
  const auto elapsed = base::real_clock().steady_now() - started;
  if (!answer || patience.count() == 0) {
    watch_(elapsed, answer ? base::error() : answer.error());
  }
  if (!answer) {
    co_return base::fail(control_errc::backend_unreachable);
  }
  co_return answer;
}

net::task<net::http_response> control_plane::ask(call what) {
  net::http_request request;
  request.method = what.method;
  request.target = what.path;
  request.body = std::move(what.body);
  request.headers.add("Content-Type", "application/json");
  if (what.by == caller::gateway) {
    request.headers.add("Authorization", bearer(credential_));
  }
  return send(std::move(request), what.patience);
}

net::task<std::string> control_plane::exchange(call what) {
  HTTVPS_CO_TRY(auto answer, co_await ask(std::move(what)));
  if (answer.status < 200 || answer.status > 299) {
    co_return base::fail(error_of(answer));
  }
  co_return std::move(answer.body);
}

net::task<membership> control_plane::join(join_request request) {
  call what{.method = "POST",
            .path = "/api/v1/gateway/join",
            .body = encode_join(request),
            .by = caller::anonymous};
  auto body = co_await exchange(std::move(what));
  if (!body) {
    const bool refused = body.error() == control_errc::credential_refused ||
                         body.error() == control_errc::backend_refused;
    co_return base::fail(refused ? base::error(control_errc::join_refused) : body.error());
  }
  const base::scope_exit wiped([&body] { base::wipe_text(*body); });
  HTTVPS_CO_TRY(auto joined, decode_join(*body));
  credential_ = joined.credential;
  co_return joined;
}

net::task<published_config> control_plane::config() {
  call what{.method = "GET", .path = "/api/v1/gateway/config", .body = {}};
  HTTVPS_CO_TRY(const auto body, co_await exchange(std::move(what)));
  co_return decode_config(body);
}

net::task<std::optional<published_config>> control_plane::poll_config(config_poll wanted) {
  call what{
      .method = "GET",
      .path = fmt::format("/api/v1/gateway/config?rev={}&wait={}", wanted.rev, wanted.wait.count()),
      .body = {},
      .patience = wanted.wait};
  HTTVPS_CO_TRY(const auto answer, co_await ask(std::move(what)));
  if (answer.status == status_not_modified) {
    co_return std::optional<published_config>();
  }
  if (answer.status != status_ok) {
    co_return base::fail(error_of(answer));
  }
  HTTVPS_CO_TRY(auto config, decode_config(answer.body));
  co_return std::optional(std::move(config));
}

net::task<heartbeat_answer> control_plane::send_heartbeat(heartbeat beat) {
  call what{.method = "POST", .path = "/api/v1/gateway/heartbeat", .body = encode_heartbeat(beat)};
  HTTVPS_CO_TRY(const auto body, co_await exchange(std::move(what)));
  co_return decode_heartbeat(body);
}

net::task<renewed_credential> control_plane::renew_credential() {
  call what{.method = "POST", .path = "/api/v1/gateway/credential:renew", .body = {}};
  HTTVPS_CO_TRY(auto body, co_await exchange(std::move(what)));
  const base::scope_exit wiped([&body] { base::wipe_text(body); });
  co_return decode_renewal(body);
}

net::task<> control_plane::report_place(gateway_place place) {
  call what{.method = "PUT", .path = "/api/v1/gateway/place", .body = encode_place(place)};
  HTTVPS_CO_TRY(const auto body, co_await exchange(std::move(what)));
  const auto parsed = parse_object(body);
  co_return parsed ? base::result<>() : base::fail(parsed.error());
}

net::task<validation> control_plane::validate(std::string token, std::string session_digest) {
  call what{
      .method = "POST",
      .path = "/api/v1/auth/validate-device",
      .body = encode_validate(
          {.token = std::move(token), .session = std::move(session_digest), .epoch = epoch_})};
  HTTVPS_CO_TRY(const auto body, co_await exchange(std::move(what)));
  co_return decode_validation(body);
}

net::task<validation_list> control_plane::validate_together(std::vector<device_session> asked) {
  std::vector<validation_request> requests;
  requests.reserve(asked.size());
  for (auto& each : asked) {
    requests.push_back({.token = std::move(each.token),
                        .session = std::move(each.session_digest),
                        .epoch = epoch_});
  }
  call what{.method = "POST",
            .path = "/api/v1/gateway/devices:validate",
            .body = encode_validations(requests)};
  HTTVPS_CO_TRY(const auto body, co_await exchange(std::move(what)));
  co_return decode_validations(body, requests.size());
}

net::task<assignment> control_plane::assign(std::string token, std::string region) {
  call what{.method = "POST",
            .path = "/api/v1/nodes/assign-outline",
            .body = encode_assign(token, region)};
  HTTVPS_CO_TRY(const auto body, co_await exchange(std::move(what)));
  co_return decode_assignment(body, key_);
}

net::task<usage_answer> control_plane::report(usage_batch batch) {
  call what{.method = "POST", .path = "/api/v1/usage/report", .body = encode_usage(batch)};
  HTTVPS_CO_TRY(const auto body, co_await exchange(std::move(what)));
  co_return decode_usage(body);
}

net::task<> control_plane::report_outcomes(std::vector<node_outcome> outcomes) {
  call what{
      .method = "POST", .path = "/api/v1/gateway/outcomes", .body = encode_outcomes(outcomes)};
  HTTVPS_CO_TRY(const auto body, co_await exchange(std::move(what)));
  const auto parsed = parse_object(body);
  co_return parsed ? base::result<>() : base::fail(parsed.error());
}

net::task<lease_answer> control_plane::lease(lease_request request) {
  call what{.method = "POST", .path = "/api/v1/gateway/quota:lease", .body = encode_lease(request)};
  HTTVPS_CO_TRY(const auto body, co_await exchange(std::move(what)));
  co_return decode_lease(body);
}

net::task<std::vector<device_successors>> control_plane::successors(
    std::vector<std::string> devices) {
  call what{
      .method = "POST", .path = "/api/v1/gateway/successors", .body = encode_successors(devices)};
  HTTVPS_CO_TRY(const auto body, co_await exchange(std::move(what)));
  co_return decode_successors(body);
}

net::task<session_report_answer> control_plane::report_sessions(session_report report) {
  call what{.method = "POST", .path = "/api/v1/gateway/sessions", .body = encode_sessions(report)};
  HTTVPS_CO_TRY(const auto body, co_await exchange(std::move(what)));
  co_return decode_sessions(body);
}

net::task<net::http_response> control_plane::forward(net::http_request request) {
  request.headers.set("X-HTTVPS-Gateway", bearer(credential_));
  request.headers.set("X-HTTVPS-Attempt", base::to_hex(base::secure_random().take<attempt_size>()));
  auto once = request;
  auto answer = co_await send(std::move(once), std::chrono::seconds(0));
  if (is_unsettled(answer)) {
    co_await net::sleep_until(base::real_clock().steady_now() + pause_before_retry);
    answer = co_await send(std::move(request), std::chrono::seconds(0));
  }
  co_return answer;
}

}
