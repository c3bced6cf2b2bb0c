#include "address_group.hpp"
#include "gate.hpp"
#include "httvps/backend/schemas/admin_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "rate_gate.hpp"
#include "routes.hpp"
#include "typed_route.hpp"

namespace httvps::backend::api {
namespace {

using schemas::login_answer;
using schemas::login_request;
using services::errc;

struct login_counters {
  base::counter opened;
  base::counter refused;
  base::counter throttled;
};

login_counters make_login_counters(base::metric_registry& metrics) {
  const auto logins = [&](std::string result) {
    return metrics.add_counter({.name = "httvps_backend_logins_total",
                                .help = "Logins of administrators by how they ended.",
                                .labels = {{"result", std::move(result)}}});
  };
  return {
      .opened = logins("opened"), .refused = logins("refused"), .throttled = logins("throttled")};
}

class login_desk {
 public:
  login_desk(const service_set& services, const api_surroundings& around)
      : services_(services),
        addresses_("login_address", around.login_limit, rates_of(around)),
        accounts_("login_account", around.login_limit, rates_of(around)),
        counters_(make_login_counters(around.metrics)) {}

  answer<login_answer> login(call& made, const login_request& wanted) {
    const auto& address = made.request.peer_address;
    HTTVPS_CHECK(admit(address, wanted.name.value));
    auto opened = services_.sessions.login({.name = wanted.name.value,
                                            .password = wanted.password.value,
                                            .code = wanted.code ? wanted.code->value : "",
                                            .request_id = made.request.request_id,
                                            .address = address});
    if (!opened) {
      counters_.refused.add();
      return std::unexpected(problem(opened.error()));
    }
    counters_.opened.add();
    addresses_.give_back(address_group(address));
    accounts_.give_back(wanted.name.value);
    made.notes.actor = opened->account.id.text();
    return login_answer{.admin_id = opened->account.id,
                        .role = opened->account.role,
                        .token = std::move(opened->token),
                        .expires_at = opened->expires_at};
  }

 private:
  answer<void> admit(const std::string& address, const std::string& account) {
    auto tried = addresses_.admit(address_group(address));
    if (tried) {
      tried = accounts_.admit(account);
    }
    if (!tried) {
      counters_.throttled.add();
      return std::unexpected(std::move(tried).error());
    }
    return {};
  }

  service_set services_;
  rate_gate addresses_;
  rate_gate accounts_;
  login_counters counters_;
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
