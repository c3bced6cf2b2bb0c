#include "httvps/sdk/control_client.hpp"

#include <utility>

#include "control_call.hpp"
#include "httvps/sdk/errc.hpp"
#include "json_text.hpp"

namespace httvps::sdk {
namespace {

constexpr const char* enrol_path = "/api/v1/devices/enrol";
constexpr const char* token_path = "/api/v1/devices/token";
constexpr const char* config_path = "/api/v1/devices/config";

std::string own(std::string_view text) {
  return std::string(text);
}

}

control_task<enrolment_answer> request_enrolment(std::shared_ptr<session_link> link,
                                                 enrolment_request request,
                                                 base::steady_time deadline) {
  auto message = control_request("POST", enrol_path);
  set_json(message, {{"ticket", request.ticket},
                     {"device_key", request.device_key.to_base64url()},
                     {"name", request.name},
                     {"platform", request.platform}});
  const auto fields = co_await call_control(link, std::move(message), deadline);
  if (!fields) {
    co_return std::unexpected(fields.error());
  }
  enrolment_answer answer{.device_id = own(text_in(*fields, "device_id")),
                          .token = own(text_in(*fields, "token")),
                          .key_set = own(text_in(*fields, "key_set")),
                          .config = own(text_in(*fields, "config"))};
  if (answer.device_id.empty() || answer.token.empty()) {
    co_return problem_of(errc::control_answer_malformed);
  }
  co_return answer;
}

control_task<fresh_documents> request_gateways(std::shared_ptr<session_link> link,
                                               device_account account, base::steady_time deadline) {
  const auto& region = account.region();
  auto path = std::string(config_path);
  if (!region.empty()) {
    path.append("?region=").append(region);
  }
  auto question = control_request("GET", std::move(path));
  const auto found = co_await call_as_device(link, std::move(question), account, deadline);
  if (!found) {
    co_return std::unexpected(found.error());
  }
  co_return fresh_documents{.token = own(account.token()),
                            .key_set = own(text_in(*found, "key_set")),
                            .config = own(text_in(*found, "config")),
                            .lease_until = moment_in(*found, "lease_until")};
}

control_task<fresh_documents> request_documents(std::shared_ptr<session_link> link,
                                                device_account account,
                                                base::steady_time deadline) {
  auto message = control_request("POST", token_path);
  set_json(message, {});
  const auto fields = co_await call_as_device(link, std::move(message), account, deadline);
  if (!fields) {
    co_return std::unexpected(fields.error());
  }
  fresh_documents fresh{.token = own(text_in(*fields, "token")),
                        .key_set = own(text_in(*fields, "key_set"))};
  if (!account.wants_config(fresh.key_set, link->clock().system_now())) {
    co_return fresh;
  }
  auto found = co_await request_gateways(link, std::move(account), deadline);
  if (found) {
    found->token = std::move(fresh.token);
  }
  co_return found;
}

}
