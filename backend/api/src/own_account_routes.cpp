#include "gate.hpp"
#include "routes.hpp"
#include "typed_route.hpp"
#include "views.hpp"

namespace httvps::backend::api {
namespace {

using schemas::admin_view;
using schemas::done_answer;
using schemas::password_change_request;
using schemas::recovery_codes_answer;
using schemas::totp_confirm_request;
using schemas::totp_disable_request;
using schemas::totp_enrolment_answer;

using tries_left = std::shared_ptr<rate_gate>;

answer<done_answer> with_password(const tries_left& tries, const call& made,
                                  const base::result<>& outcome) {
  if (!outcome) {
    return std::unexpected(problem(outcome.error()));
  }
  tries->give_back(made.admin->id.text());
  return done_answer{};
}

route own_route(std::string method, std::string_view tail, std::string operation,
                std::string summary) {
  return {.method = std::move(method),
          .pattern = std::string("/api/v1/admin/me").append(tail),
          .operation = std::move(operation),
          .summary = std::move(summary),
          .wanted = access::read_only,
          .further_statuses = {409}};
}

void add_totp_routes(route_table& table, const service_set& services, const tries_left& tries) {
  table.add(without_body<totp_enrolment_answer>(
      own_route("POST", "/totp", "enrolTotp",
                "Makes the secret of an authenticator; shows it once."),
      [services](call& made) -> answer<totp_enrolment_answer> {
        HTTVPS_TRY(auto enrolled, services.sessions.enrol_totp(*made.admin));
        return totp_enrolment_answer{.secret = std::move(enrolled.secret),
                                     .link = std::move(enrolled.link)};
      }));
  table.add(with_body<totp_confirm_request, recovery_codes_answer>(
      own_route("POST", "/totp:confirm", "confirmTotp",
                "Turns the authenticator on by a code of it; shows ten recovery codes once."),
      [services](call& made, const totp_confirm_request& wanted) -> answer<recovery_codes_answer> {
        HTTVPS_TRY(auto codes, services.sessions.confirm_totp(*made.admin, wanted.code.value));
        recovery_codes_answer shown;
        for (auto& code : codes) {
          shown.recovery_codes.items.emplace_back(std::move(code));
        }
        return shown;
      }));
  table.add(with_body<totp_disable_request, done_answer>(
      own_route("POST", "/totp:disable", "disableTotp",
                "Turns the authenticator off by the password and a code."),
      [services, tries](call& made, const totp_disable_request& wanted) -> answer<done_answer> {
        HTTVPS_CHECK(tries->admit(made.admin->id.text()));
        return with_password(
            tries, made,
            services.sessions.disable_totp(
                *made.admin, {.password = wanted.password.value, .code = wanted.code.value}));
      }));
}

}

void add_own_account_routes(route_table& table, const service_set& services,
                            const api_surroundings& around) {
  const auto tries =
      std::make_shared<rate_gate>("own_password", around.login_limit, rates_of(around));
  table.add(without_body<admin_view>(
      own_route("GET", "", "getOwnAccount", "The account of the session that asks."),
      [services](call& made) -> answer<admin_view> {
        HTTVPS_TRY(const auto account, services.sessions.account(*made.admin));
        return view_of(account);
      }));
  table.add(with_body<password_change_request, done_answer>(
      own_route("POST", ":password", "changeOwnPassword",
                "Changes the own password and ends the other sessions of the account."),
      [services, tries](call& made, const password_change_request& wanted) -> answer<done_answer> {
        HTTVPS_CHECK(tries->admit(made.admin->id.text()));
        return with_password(
            tries, made,
            services.sessions.change_password(
                *made.admin, {.present = wanted.present.value, .fresh = wanted.fresh.value}));
      }));
  add_totp_routes(table, services, tries);
}

}
