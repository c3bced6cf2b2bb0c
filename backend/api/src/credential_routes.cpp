#include "httvps/backend/schemas/credential_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "paging.hpp"
#include "path_id.hpp"
#include "routes.hpp"
#include "typed_route.hpp"
#include "views.hpp"

namespace httvps::backend::api {
namespace {

using schemas::credential_view;
using services::errc;

credential_view view_of(const models::credential& one, base::system_time now) {
  return {.owner_id = one.owner,
          .kind = one.kind,
          .state = models::state_of(one, now),
          .created_at = one.created_at,
          .used_at = optional_field<schemas::moment>(one.used_at),
          .expires_at = optional_field<schemas::moment>(one.expires_at),
          .renewal_asked_at = optional_field<schemas::moment>(one.renewal_asked_at),
          .revoked_at = optional_field<schemas::moment>(one.revoked_at)};
}

schemas::issued_credential view_of(services::issued_credential issued) {
  return {.credential = std::move(issued.text),
          .expires_at = optional_field<schemas::moment>(issued.record.expires_at),
          .expires_s = seconds_left(issued.record, issued.record.created_at)};
}

answer<services::credential_owner> gateway_of(const call& made) {
  HTTVPS_TRY(const auto id, id_of<models::gateway_id>(made, errc::gateway_not_found));
  return services::owner_of(id);
}

answer<services::credential_owner> node_of(const call& made) {
  HTTVPS_TRY(const auto id, id_of<models::node_id>(made, errc::node_not_found));
  return services::owner_of(id);
}

using owner_reader = answer<services::credential_owner> (*)(const call&);
using credential_action = base::result<models::credential> (services::credential_service::*)(
    const services::admin_actor&, const services::credential_owner&) const;

class credential_routes {
 public:
  credential_routes(route_table& table, const service_set& services, const base::clock& clock)
      : table_(table), services_(services), clock_(clock) {}

  void add_renewal(route one) {
    table_.add(without_body<schemas::issued_credential>(
        std::move(one), [services = services_](call& made) -> answer<schemas::issued_credential> {
          HTTVPS_TRY(auto issued, services.credentials.renew(*made.credential, author_of(made)));
          return view_of(std::move(issued));
        }));
  }

  void add_action(route one, owner_reader owner, credential_action action) {
    table_.add(without_body<credential_view>(
        std::move(one),
        [services = services_, &clock = clock_, owner,
         action](call& made) -> answer<credential_view> {
          HTTVPS_TRY(const auto whose, owner(made));
          HTTVPS_TRY(const auto changed, (services.credentials.*action)(*made.admin, whose));
          return view_of(changed, clock.system_now());
        }));
  }

  void add_issue(route one) {
    table_.add(without_body<schemas::issued_credential>(
        std::move(one), [services = services_](call& made) -> answer<schemas::issued_credential> {
          HTTVPS_TRY(const auto whose, node_of(made));
          HTTVPS_TRY(auto issued, services.credentials.replace(*made.admin, whose));
          return view_of(std::move(issued));
        }));
  }

  void add_list(route one) {
    table_.add(with_query<page_query, schemas::credential_page>(
        std::move(one),
        [services = services_, &clock = clock_](
            call&, const page_query& query) -> answer<schemas::credential_page> {
          HTTVPS_TRY(const auto wanted, to_page_request(query.page_size, query.page_token));
          HTTVPS_TRY(const auto found, services.credentials.list(wanted));
          const auto now = clock.system_now();
          return to_page<schemas::credential_page>(
              found, [now](const auto& each) { return view_of(each, now); });
        }));
  }

 private:
  route_table& table_;
  service_set services_;
  const base::clock& clock_;
};

void add_renewals(credential_routes& routes) {
  routes.add_renewal({.method = "POST",
                      .pattern = "/api/v1/gateway/credential:renew",
                      .operation = "renewGatewayCredential",
                      .summary = "Gives a gateway its next credential; the present one stays good "
                                 "for an overlap after the first use of the next.",
                      .wanted = access::waiting_gateway});
  routes.add_renewal({.method = "POST",
                      .pattern = "/api/v1/outline/credential:renew",
                      .operation = "renewNodeCredential",
                      .summary = "Gives a node agent its next credential; the present one stays "
                                 "good for an overlap after the first use of the next.",
                      .wanted = access::node});
}

void add_gateway_actions(credential_routes& routes) {
  routes.add_action({.method = "POST",
                     .pattern = "/api/v1/admin/gateways/{id}:renew-credential",
                     .operation = "askGatewayForRenewal",
                     .summary = "Asks a gateway to renew its credential with its next heartbeat.",
                     .wanted = access::admin},
                    gateway_of, &services::credential_service::ask_renewal);
  routes.add_action({.method = "POST",
                     .pattern = "/api/v1/admin/gateways/{id}:revoke-credentials",
                     .operation = "revokeGatewayCredentials",
                     .summary = "Revokes every credential of a gateway: it must join anew.",
                     .wanted = access::admin},
                    gateway_of, &services::credential_service::revoke);
}

void add_node_actions(credential_routes& routes) {
  routes.add_action({.method = "POST",
                     .pattern = "/api/v1/admin/nodes/{id}:renew-credential",
                     .operation = "askNodeForRenewal",
                     .summary = "Asks a node agent to renew its credential with its next "
                                "heartbeat.",
                     .wanted = access::admin},
                    node_of, &services::credential_service::ask_renewal);
  routes.add_action({.method = "POST",
                     .pattern = "/api/v1/admin/nodes/{id}:revoke-credentials",
                     .operation = "revokeNodeCredentials",
                     .summary = "Revokes every credential of a node: its agent needs another one.",
                     .wanted = access::admin},
                    node_of, &services::credential_service::revoke);
  routes.add_issue({.method = "POST",
                    .pattern = "/api/v1/admin/nodes/{id}:issue-credential",
                    .operation = "issueNodeCredential",
                    .summary = "Makes another credential for a node's agent, shown once; those "
                               "before end when it is used first.",
                    .wanted = access::admin});
}

}

void add_credential_routes(route_table& table, const service_set& services,
                           const base::clock& clock) {
  credential_routes routes(table, services, clock);
  add_renewals(routes);
  add_gateway_actions(routes);
  add_node_actions(routes);
  routes.add_list({.method = "GET",
                   .pattern = "/api/v1/admin/credentials",
                   .operation = "listCredentials",
                   .summary = "The credential that each gateway and node uses, its age and its "
                              "end, never the secret.",
                   .wanted = access::read_only});
}

}
