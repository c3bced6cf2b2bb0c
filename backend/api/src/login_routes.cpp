#include "attempt_desk.hpp"
#include "gate.hpp"
#include "httvps/backend/schemas/admin_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "rate_gate.hpp"
#include "refusal_notes.hpp"
#include "routes.hpp"
#include "typed_route.hpp"

namespace httvps::backend::api {
namespace {

using schemas::login_answer;
using schemas::login_request;
using services::errc;

class login_desk {
 public:
  login_desk(const service_set& services, const api_surroundings& around)
      : services_(services),
        attempts_({"login_address", around.login_limit, rates_of(around)},
                  {"login_account", around.login_limit, rates_of(around)}, around.metrics,
                  {.name = "httvps_backend_logins_total",
                   .help = "Logins of administrators by how they ended.",
                   .success = "opened"}),
        refusals_(services, around, "login") {}

  answer<login_answer> login(call& made, const login_request& wanted) {
    const auto& address = made.client_address;
    HTTVPS_CHECK(attempts_.admit(address, wanted.name.value));
    auto opened = services_.sessions.login({.name = wanted.name.value,
                                            .password = wanted.password.value,
                                            .code = wanted.code ? wanted.code->value : "",
                                            .request_id = made.request.request_id,
                                            .address = address});
    if (!opened) {
      attempts_.note_refusal();
      if (opened.error() == errc::login_refused) {
        refusals_.keep(services::refused_login{.name = wanted.name.value,
                                               .address = address,
                                               .request_id = made.request.request_id,
                                               .code = problem(opened.error()).code});
      }
      return std::unexpected(problem(opened.error()));
    }
    attempts_.note_success(address, wanted.name.value);
    made.notes.actor = opened->account.id.text();
    return login_answer{.admin_id = opened->account.id,
                        .role = opened->account.role,
                        .token = std::move(opened->token),
                        .expires_at = opened->expires_at};
  }

 private:
  service_set services_;
  attempt_desk attempts_;
  refusal_notes refusals_;
};

}

void add_login_routes(route_table& table, const service_set& services,
                      const api_surroundings& around) {
  const auto desk = std::make_shared<login_desk>(services, around);
  table.add(with_body<login_request, login_answer>(
      {.method = "POST",
       .pattern = "/api/v1/admin/login",
       .operation = "login",
       .summary = "Opens a session by name, password and, where it is on, a code.",
       .wanted = access::login},
      [desk](call& made, const login_request& wanted) { return desk->login(made, wanted); }));
  table.add(
      without_body<schemas::done_answer>({.method = "POST",
                                          .pattern = "/api/v1/admin/logout",
                                          .operation = "logout",
                                          .summary = "Ends the session that asks.",
                                          .wanted = access::read_only},
                                         [services](call& made) -> answer<schemas::done_answer> {
                                           HTTVPS_CHECK(services.sessions.logout(*made.admin));
                                           return schemas::done_answer{};
                                         }));
}

}
