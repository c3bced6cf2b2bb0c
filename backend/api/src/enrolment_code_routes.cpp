#include "attempt_desk.hpp"
#include "gate.hpp"
#include "httvps/backend/schemas/account_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "path_id.hpp"
#include "rate_gate.hpp"
#include "routes.hpp"
#include "typed_route.hpp"

namespace httvps::backend::api {
namespace {

using schemas::code_redemption_request;
using schemas::enrolment_code_answer;
using schemas::enrolment_code_request;
using schemas::enrolment_link_answer;
using services::errc;

constexpr std::string_view everybody = "all";

class code_desk {
 public:
  code_desk(const service_set& services, const api_surroundings& around)
      : services_(services),
        attempts_({"code_address", around.code_limit, rates_of(around)},
                  {"code", around.all_codes_limit, rates_of(around)}, around.metrics,
                  {.name = "httvps_backend_enrolment_codes_total",
                   .help = "Tries to redeem an enrolment code by how they ended.",
                   .success = "redeemed"}) {}

  answer<enrolment_link_answer> redeem(call& made, const code_redemption_request& wanted) {
    const auto& address = made.client_address;
    HTTVPS_CHECK(attempts_.admit(address, everybody));
    auto issued = services_.devices.redeem_code({.code = wanted.code.value,
                                                 .device_key = wanted.device_key.value,
                                                 .address = address,
                                                 .request_id = made.request.request_id});
    if (!issued) {
      attempts_.note_refusal();
      return std::unexpected(problem(issued.error()));
    }
    attempts_.note_success(address, everybody);
    return enrolment_link_answer{.link = std::move(issued->link), .expires_at = issued->expires_at};
  }

 private:
  service_set services_;
  attempt_desk attempts_;
};

}

void add_enrolment_code_routes(route_table& table, const service_set& services,
                               const api_surroundings& around) {
  table.add(with_body<enrolment_code_request, enrolment_code_answer>(
      {.method = "POST",
       .pattern = "/api/v1/admin/users/{id}/enrolment-codes",
       .operation = "createEnrolmentCode",
       .summary = "Makes a short code with which one device of the user enrols within 15 minutes.",
       .wanted = access::support,
       .success = 201,
       .further_statuses = {429}},
      [services](call& made,
                 const enrolment_code_request& wanted) -> answer<enrolment_code_answer> {
        HTTVPS_TRY(const auto user, id_of<models::user_id>(made, errc::user_not_found));
        HTTVPS_TRY(auto issued, services.devices.issue_code(
                                    *made.admin, {.user = user, .gateway = wanted.gateway_id}));
        return enrolment_code_answer{.ticket_id = issued.ticket,
                                     .code = {std::move(issued.code)},
                                     .expires_at = issued.expires_at};
      }));
  const auto desk = std::make_shared<code_desk>(services, around);
  table.add(with_body<code_redemption_request, enrolment_link_answer>(
      {.method = "POST",
       .pattern = "/api/v1/enrolment-codes:redeem",
       .operation = "redeemEnrolmentCode",
       .summary = "Turns a short code into an enrolment link, once for one device key.",
       .wanted = access::open,
       .further_statuses = {403, 404, 410, 429}},
      [desk](call& made, const code_redemption_request& wanted) {
        return desk->redeem(made, wanted);
      }));
}

}
