#include "httvps/backend/services/device_service.hpp"

#include "device_regions.hpp"
#include "enrolment_links.hpp"
#include "httvps/backend/services/audit_documents.hpp"
#include "httvps/backend/services/documents.hpp"
#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::services {
namespace {

base::result<models::enrolment_ticket> usable_ticket(repositories& tables,
                                                     const identity::ticket_claims& claims,
                                                     const models::gateway& gateway) {
  if (claims.gateway_id != gateway.id.text()) {
    return base::fail(errc::ticket_wrong_gateway);
  }
  const auto id = models::ticket_id::trusted(claims.ticket_id);
  return required(tables.tickets.find(id), errc::ticket_invalid);
}

base::result<> check_room_for(repositories& tables, const models::device& fresh) {
  HTTVPS_TRY(const auto holder, load_holder(tables, fresh.id, fresh.enrolled_at));
  HTTVPS_TRY(const auto active, tables.devices.count_active(fresh.subscription));
  return active > holder.subscription.terms.device_limit ? base::fail(errc::device_limit)
                                                         : base::result<>();
}

}

base::result<issued_link> device_service::issue_link(const admin_actor& actor,
                                                     const link_order& order) const {
  const auto now = tools_.clock.system_now();
  const models::enrolment_ticket ticket{.id = models::ticket_id::make(now, tools_.random),
                                        .user = order.user,
                                        .gateway = order.gateway,
                                        .max_uses = order.uses,
                                        .uses = 0,
                                        .expires_at = now + order.valid,
                                        .created_at = now};
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<issued_link> {
    HTTVPS_CHECK(required(tables.users.find(order.user), errc::user_not_found));
    HTTVPS_CHECK(
        required(tables.subscriptions.find_live(order.user), errc::subscription_not_found));
    HTTVPS_TRY(const auto gateway, approved_gateway(tables, order.gateway));
    HTTVPS_TRY(const auto version, config_version(tables));
    HTTVPS_CHECK(tables.tickets.insert(ticket));
    HTTVPS_TRY(
        auto link,
        build_link(tools_, {.gateway = gateway, .ticket = ticket, .config_version = version}));
    HTTVPS_CHECK(record_change(tables, tools_, actor,
                               {.action = "enrolment_link.create",
                                .object = ticket.id.text(),
                                .detail = order.user.text(),
                                .after = audit_document(ticket)}));
    return issued_link{.link = std::move(link), .expires_at = ticket.expires_at};
  });
}

base::result<models::device> device_service::readmit(repositories& tables,
                                                     const models::device& known,
                                                     const models::ticket_id& ticket) const {
  if (known.state == models::device_state::revoked) {
    return base::fail(errc::device_revoked);
  }
  if (known.ticket != ticket) {
    return base::fail(errc::device_known_elsewhere);
  }
  HTTVPS_TRY(const auto holder, load_holder(tables, known.id, tools_.clock.system_now()));
  return holder.device;
}

base::result<models::device> device_service::admit_new(repositories& tables,
                                                       const models::gateway& gateway,
                                                       const enrolment& wanted) const {
  const auto now = tools_.clock.system_now();
  HTTVPS_TRY(const auto claims, tools_.authority.verify_ticket(wanted.ticket));
  HTTVPS_TRY(auto ticket, usable_ticket(tables, claims, gateway));
  HTTVPS_TRY(const auto known, tables.devices.find_by_key(wanted.device_key));
  if (known) {
    return readmit(tables, *known, ticket.id);
  }
  if (ticket.revoked_at) {
    return base::fail(errc::ticket_revoked);
  }
  if (ticket.spent()) {
    return base::fail(errc::ticket_spent);
  }
  HTTVPS_TRY(const auto live,
             required(tables.subscriptions.find_live(ticket.user), errc::subscription_expired));
  ++ticket.uses;
  HTTVPS_CHECK(tables.tickets.update(ticket));
  models::device made{.id = models::device_id::make(now, tools_.random),
                      .user = ticket.user,
                      .subscription = live.id,
                      .ticket = ticket.id,
                      .name = wanted.name,
                      .platform = wanted.platform,
                      .public_key = wanted.device_key,
                      .state = models::device_state::active,
                      .enrolled_at = now,
                      .last_seen_at = {},
                      .revoked_at = {}};
  HTTVPS_CHECK(tables.devices.insert(made));
  HTTVPS_CHECK(check_room_for(tables, made));
  return made;
}

base::result<enrolled_device> device_service::enrol(const models::gateway& gateway,
                                                    const enrolment& wanted) const {
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<enrolled_device> {
    HTTVPS_TRY(auto device, admit_new(tables, gateway, wanted));
    HTTVPS_TRY(const auto holder, load_holder(tables, device.id, tools_.clock.system_now()));
    HTTVPS_CHECK(check_admission(holder, gateway.region));
    HTTVPS_TRY(auto token, sign_access_token(tools_, tables, holder, gateway.region));
    HTTVPS_TRY(auto config, sign_config_for(tools_, tables,
                                            {.device = device.id,
                                             .terms = holder.subscription.terms,
                                             .asked = gateway,
                                             .role = asked_gateway::entrance}));
    return enrolled_device{.device = std::move(device),
                           .token = std::move(token),
                           .key_set = tools_.authority.key_set_text(),
                           .config = std::move(config)};
  });
}

base::result<models::device_id> device_service::authenticate(const proven_request& request) const {
  HTTVPS_TRY(const auto proven,
             tools_.authority.verify_proof(request.header, request.request, request.attempt));
  const auto id = models::device_id::trusted(proven.claims.device_id);
  HTTVPS_TRY(const auto known,
             required(read_from(tools_.storage,
                                [&](repositories& tables) { return tables.devices.find(id); }),
                      errc::token_invalid));
  if (known.public_key != proven.claims.device_key.to_base64url()) {
    return base::fail(errc::token_invalid);
  }
  if (known.state == models::device_state::revoked) {
    return base::fail(errc::device_revoked);
  }
  return id;
}

base::result<renewed_token> device_service::renew(const models::gateway& gateway,
                                                  const models::device_id& device) const {
  return read_from(tools_.storage, [&](repositories& tables) -> base::result<renewed_token> {
    HTTVPS_TRY(const auto holder, load_holder(tables, device, tools_.clock.system_now()));
    HTTVPS_CHECK(check_admission(holder, gateway.region));
    HTTVPS_TRY(auto token, sign_access_token(tools_, tables, holder, gateway.region));
    return renewed_token{.token = std::move(token), .key_set = tools_.authority.key_set_text()};
  });
}

base::result<device_config> device_service::config(const models::gateway& gateway,
                                                   const models::device_id& device,
                                                   std::string_view region) const {
  return read_from(tools_.storage, [&](repositories& tables) -> base::result<device_config> {
    HTTVPS_TRY(const auto holder, load_holder(tables, device, tools_.clock.system_now()));
    HTTVPS_TRY(auto config, sign_config_for(tools_, tables,
                                            {.device = device,
                                             .terms = holder.subscription.terms,
                                             .asked = gateway,
                                             .wanted_region = region}));
    const auto lease = selection::lease_length(tools_.random.below(UINT64_MAX));
    return device_config{.config = std::move(config),
                         .key_set = tools_.authority.key_set_text(),
                         .lease_until = tools_.clock.system_now() + lease};
  });
}

base::result<device_report> device_service::report(const models::device_id& device) const {
  return read_from(tools_.storage, [&](repositories& tables) -> base::result<device_report> {
    HTTVPS_TRY(auto holder, load_holder(tables, device, tools_.clock.system_now()));
    HTTVPS_TRY(const auto devices, tables.devices.count_active(holder.device.subscription));
    return device_report{.holder = std::move(holder), .devices = devices};
  });
}

base::result<models::page<models::device>> device_service::list(const device_filter& filter) const {
  using device_page = models::page<models::device>;
  return read_from(tools_.storage, [&](repositories& tables) -> base::result<device_page> {
    HTTVPS_TRY(auto found, tables.devices.list(filter));
    HTTVPS_CHECK(add_last_regions(tables, found.items));
    return found;
  });
}

}
