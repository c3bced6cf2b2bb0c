#include "enrolment_links.hpp"

#include <fmt/format.h>

#include "gateway_reports.hpp"
#include "httvps/backend/services/documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/identity/enrolment_link.hpp"

namespace httvps::backend::services {
namespace {

std::string shown_address(const models::gateway& gateway) {
  const auto& address = gateway.addresses.front();
  const auto host = gateway.host.find(':') == std::string::npos ? gateway.host
                                                                : fmt::format("[{}]", gateway.host);
  return host + address.substr(address.rfind(':'));
}

}

base::result<base::secret_bytes> build_link(const service_tools& tools, const link_parts& parts) {
  HTTVPS_TRY(auto config,
             sign_config(tools, {.gateways = {parts.gateway}, .version = parts.config_version}));
  HTTVPS_TRY(auto ticket,
             tools.authority.sign(identity::ticket_claims{.ticket_id = parts.ticket.id.text(),
                                                          .user_id = parts.ticket.user.text(),
                                                          .gateway_id = parts.gateway.id.text(),
                                                          .expires = parts.ticket.expires_at,
                                                          .uses = parts.ticket.max_uses}));
  const auto root = identity::public_key::from_base64url(tools.authority.root_public());
  if (!root) {
    return base::fail(errc::signing_failed);
  }
  const auto link = identity::build_enrolment_link({.shown_address = shown_address(parts.gateway),
                                                    .root = *root,
                                                    .key_set = tools.authority.key_set_text(),
                                                    .config = std::move(config),
                                                    .ticket = std::move(ticket)});
  if (!link) {
    return base::fail(errc::signing_failed);
  }
  return base::secret_bytes::from_text(*link);
}

base::result<models::gateway> approved_gateway(repositories& tables, const models::gateway_id& id) {
  HTTVPS_TRY(auto gateway, require_gateway(tables, id));
  if (gateway.state != models::gateway_state::approved) {
    return base::fail(errc::gateway_pending);
  }
  return gateway;
}

}
