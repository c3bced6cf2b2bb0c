#include "httvps/sdk/device_question.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <utility>

#include "control_call.hpp"
#include "control_session.hpp"
#include "httvps/sdk/errc.hpp"

namespace httvps::sdk {
namespace {

namespace json = boost::json;

bool is_id_byte(char byte) noexcept {
  return byte == '_' || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z');
}

net::http_request request_for(const device_question& question) {
  switch (question.kind) {
    case question_kind::account:
      return control_request("GET", "/api/v1/me");
    case question_kind::regions:
      return control_request("GET", "/api/v1/regions");
    case question_kind::devices:
      return control_request("GET", "/api/v1/me/devices");
    case question_kind::revocation:
      break;
  }
  return control_request("POST", "/api/v1/me/devices/" + question.device_id + ":revoke");
}

dial_order order_for(const lone_question& wanted, const identity::gateway_entry& gateway) {
  return {.gateway = gateway,
          .proof = {.kind = recognition_kind::access_token,
                    .document = std::string(wanted.account.token()),
                    .device = wanted.account.key()},
          .connect_to = wanted.connect_to};
}

control_task<device_account> with_fresh_token(std::shared_ptr<session_link> link,
                                              device_account account, base::steady_time deadline) {
  const auto fresh = co_await request_documents(link, account, deadline);
  if (!fresh) {
    co_return std::unexpected(fresh.error());
  }
  if (const auto taken = account.refresh(*fresh, link->clock().system_now()); !taken) {
    co_return problem_of(taken.error());
  }
  co_return std::move(account);
}

control_task<std::string> ask_with_fresh_token(std::shared_ptr<session_link> link,
                                               device_account account, device_question question,
                                               base::steady_time deadline) {
  if (account.token_expired(link->clock().system_now())) {
    auto renewed = co_await with_fresh_token(link, account, deadline);
    if (!renewed) {
      co_return std::unexpected(renewed.error());
    }
    account = std::move(*renewed);
  }
  co_return co_await ask_over(link, std::move(account), std::move(question), deadline);
}

}

bool is_device_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= device_id_limit && std::ranges::all_of(text, is_id_byte);
}

control_task<std::string> ask_over(std::shared_ptr<session_link> link, device_account account,
                                   device_question question, base::steady_time deadline) {
  if (question.kind == question_kind::revocation && !is_device_id(question.device_id)) {
    co_return problem_of(errc::device_not_found);
  }
  const auto fields =
      co_await call_as_device(std::move(link), request_for(question), std::move(account), deadline);
  if (!fields) {
    co_return std::unexpected(fields.error());
  }
  co_return json::serialize(*fields);
}

control_task<std::string> ask_alone(lone_question wanted, base::steady_time deadline) {
  base::error away = errc::no_permitted_gateway;
  for (const auto& gateway : wanted.account.gateways()) {
    auto order = order_for(wanted, gateway);
    const auto link = co_await open_control_session(std::move(order), deadline);
    if (link) {
      auto answer = co_await ask_with_fresh_token(*link, wanted.account, wanted.question, deadline);
      static_cast<void>(co_await close_control_session(*link, deadline));
      co_return answer;
    }
    away = link.error();
    if (away == net::errc::cancelled) {
      break;
    }
  }
  co_return problem_of(away);
}

}
