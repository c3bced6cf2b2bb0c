#include "amendments.hpp"
#include "httvps/backend/services/errc.hpp"
#include "paging.hpp"
#include "path_id.hpp"
#include "routes.hpp"
#include "tagged_views.hpp"

namespace httvps::backend::api {
namespace {

using schemas::device_change_request;
using schemas::enrolment_ticket_page;
using schemas::enrolment_ticket_view;
using services::errc;
using tagged_device = tagged<schemas::device_view>;
using tagged_ticket = tagged<enrolment_ticket_view>;

constexpr std::string_view one_device = "/api/v1/admin/devices/{id}";
constexpr std::string_view all_tickets = "/api/v1/admin/enrolment-tickets";

struct ticket_query {
  static constexpr std::string_view schema_name = "EnrolmentTicketQuery";

  std::optional<models::user_id> user_id;
  std::optional<page_size> page_size;
  std::optional<schemas::page_token> page_token;
};
BOOST_DESCRIBE_STRUCT(ticket_query, (), (user_id, page_size, page_token))

enrolment_ticket_view view_at(const models::enrolment_ticket& ticket, base::system_time now) {
  return {.id = ticket.id,
          .user_id = ticket.user,
          .gateway_id = ticket.gateway,
          .state = ticket.state_at(now),
          .uses = ticket.uses,
          .max_uses = ticket.max_uses,
          .expires_at = ticket.expires_at,
          .created_at = ticket.created_at,
          .revoked_at = optional_field<schemas::moment>(ticket.revoked_at)};
}

tagged_ticket tagged_view_at(const models::enrolment_ticket& ticket, base::system_time now) {
  return {.document = view_at(ticket, now), .tag = services::tag_of(ticket)};
}

void add_device_routes_for_admins(route_table& table, const service_set& services) {
  table.add(without_body<tagged_device>(
      {.method = "GET",
       .pattern = std::string(one_device),
       .operation = "getDevice",
       .summary = "One device.",
       .wanted = access::read_only},
      [services](call& made) -> answer<tagged_device> {
        HTTVPS_TRY(const auto id, id_of<models::device_id>(made, errc::device_not_found));
        HTTVPS_TRY(const auto device, services.devices.find(id));
        return tagged_view_of(device);
      }));
  table.add(with_patch<device_change_request, tagged_device>(
      {.pattern = std::string(one_device),
       .operation = "changeDevice",
       .summary = "Gives a device another name.",
       .wanted = access::support},
      [services](call& made, const device_change_request& wanted) -> answer<tagged_device> {
        HTTVPS_TRY(const auto id, id_of<models::device_id>(made, errc::device_not_found));
        made.notes.device_id = id.text();
        HTTVPS_TRY(const auto device,
                   services.devices.rename(*made.admin, id, changed_text(wanted.name)));
        return tagged_view_of(device);
      }));
}

route ticket_list_route(const service_set& services, const base::clock& clock) {
  return with_query<ticket_query, enrolment_ticket_page>(
      {.method = "GET",
       .pattern = std::string(all_tickets),
       .operation = "listEnrolmentTickets",
       .summary = "Lists the tickets behind enrolment links, of one user if named.",
       .wanted = access::read_only},
      [services, &clock](call&, const ticket_query& query) -> answer<enrolment_ticket_page> {
        HTTVPS_TRY(const auto wanted, to_page_request(query.page_size, query.page_token));
        HTTVPS_TRY(const auto found,
                   services.devices.tickets({.user = query.user_id, .wanted = wanted}));
        const auto now = clock.system_now();
        return to_page<enrolment_ticket_page>(found,
                                              [&](const auto& one) { return view_at(one, now); });
      });
}

void add_ticket_routes(route_table& table, const service_set& services, const base::clock& clock) {
  table.add(ticket_list_route(services, clock));
  table.add(without_body<tagged_ticket>(
      {.method = "GET",
       .pattern = std::string(all_tickets).append("/{id}"),
       .operation = "getEnrolmentTicket",
       .summary = "One enrolment ticket, without its link.",
       .wanted = access::read_only},
      [services, &clock](call& made) -> answer<tagged_ticket> {
        HTTVPS_TRY(const auto id, id_of<models::ticket_id>(made, errc::ticket_not_found));
        HTTVPS_TRY(const auto ticket, services.devices.ticket(id));
        return tagged_view_at(ticket, clock.system_now());
      }));
  table.add(without_body<tagged_ticket>(
      {.method = "POST",
       .pattern = std::string(all_tickets).append("/{id}:revoke"),
       .operation = "revokeEnrolmentTicket",
       .summary = "Ends a ticket for ever; devices that enrolled with it stay.",
       .wanted = access::support},
      [services, &clock](call& made) -> answer<tagged_ticket> {
        HTTVPS_TRY(const auto id, id_of<models::ticket_id>(made, errc::ticket_not_found));
        HTTVPS_TRY(const auto ticket, services.devices.revoke_ticket(*made.admin, id));
        return tagged_view_at(ticket, clock.system_now());
      }));
}

}

void add_enrolment_routes(route_table& table, const service_set& services,
                          const base::clock& clock) {
  add_device_routes_for_admins(table, services);
  add_ticket_routes(table, services, clock);
}

}
