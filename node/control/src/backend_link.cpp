#include "httvps/node/control/backend_link.hpp"

#include <utility>

#include "httvps/base/scope_exit.hpp"
#include "httvps/base/secret_text.hpp"

namespace httvps::node {
namespace {

constexpr int unauthorized = 401;
constexpr int forbidden = 403;
constexpr int too_many_requests = 429;
constexpr int not_modified = 304;

base::error error_of(const net::http_response& answer) {
  const auto code = problem_code(answer.body);
  if (code == "credential_expired") {
    return control_errc::credential_expired;
  }
  if (code == "credential_revoked") {
    return control_errc::credential_revoked;
  }
  const int status = answer.status;
  if (status == unauthorized || status == forbidden) {
    return control_errc::credential_refused;
  }
  if (status == too_many_requests || status >= 500) {
    return control_errc::backend_overloaded;
  }
  return control_errc::backend_refused;
}

bool is_success(int status) noexcept {
  return status >= 200 && status <= 299;
}

std::string target_of(const config_query& query) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(query.wait).count();
  return "/api/v1/outline/config?rev=" + std::to_string(query.revision) +
         "&wait=" + std::to_string(seconds) + "&x25519_public=" + query.x25519_public;
}

}

backend_link::backend_link(net::http_client client, observer watch)
    : client_(std::move(client)), watch_(std::move(watch)) {}

net::task<net::http_response> backend_link::exchange(net::http_request request,
                                                     base::duration limit) {
  request.headers.add("Authorization", std::string("Bearer ").append(credential_.reveal_text()));
  auto answer = co_await client_.call(std::move(request), net::deadline_after(limit));
  if (!answer) {
    co_return base::fail(control_errc::backend_unreachable);
  }
  co_return answer;
}

net::task<std::optional<std::string>> backend_link::fetch_config(config_query query) {
  net::http_request request;
  request.target = target_of(query);
  const base::duration limit = query.wait + backend_call_limit;
  HTTVPS_CO_TRY(auto answer, co_await exchange(std::move(request), limit));
  if (answer.status == not_modified) {
    co_return std::nullopt;
  }
  if (!is_success(answer.status)) {
    co_return base::fail(error_of(answer));
  }
  co_return std::move(answer.body);
}

net::task<std::string> backend_link::post(std::string path, std::string body) {
  net::http_request request;
  request.method = "POST";
  request.target = std::move(path);
  request.body = std::move(body);
  request.headers.add("Content-Type", "application/json");
  const auto started = base::real_clock().steady_now();
  auto answer = co_await exchange(std::move(request), backend_call_limit);
  watch_(base::real_clock().steady_now() - started, answer ? base::error() : answer.error());
  if (!answer) {
    co_return base::fail(answer.error());
  }
  if (!is_success(answer->status)) {
    co_return base::fail(error_of(*answer));
  }
  co_return std::move(answer->body);
}

net::task<> backend_link::deliver(std::string path, std::string body) {
  HTTVPS_CO_TRY(const auto answer, co_await post(std::move(path), std::move(body)));
  co_return base::result<void>();
}

net::task<credential_notice> backend_link::beat_once(std::string body) {
  HTTVPS_CO_TRY(const auto answer, co_await post("/api/v1/outline/heartbeat", std::move(body)));
  co_return decode_heartbeat(answer);
}

net::task<credential_notice> backend_link::send_heartbeat(const node_heartbeat& beat) {
  return beat_once(encode_heartbeat(beat));
}

net::task<renewed_credential> backend_link::renew_credential() {
  HTTVPS_CO_TRY(auto answer, co_await post("/api/v1/outline/credential:renew", {}));
  const base::scope_exit wiped([&answer] { base::wipe_text(answer); });
  co_return decode_renewal(answer);
}

net::task<> backend_link::send_notice(const rollout_notice& notice) {
  return deliver("/api/v1/outline/keys:ack", encode_notice(notice));
}

net::task<> backend_link::send_counters(const counter_report& report) {
  return deliver("/api/v1/outline/counters", encode_counters(report));
}

}
