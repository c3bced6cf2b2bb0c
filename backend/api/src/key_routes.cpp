#include <algorithm>

#include "httvps/backend/models/enum_text.hpp"
#include "httvps/backend/schemas/key_documents.hpp"
#include "routes.hpp"
#include "typed_route.hpp"
#include "views.hpp"

namespace httvps::backend::api {
namespace {

schemas::signing_key_view view_of(const services::signing_key_report& found) {
  return {.key_id = {found.key.key_id()},
          .public_key = {found.key.to_base64url()},
          .state = found.state,
          .created_at = {found.created_at},
          .signs_from = {found.signs_from},
          .age_seconds = std::max<std::int64_t>(found.age.count(), 0),
          .replaced_at = optional_field<schemas::moment>(found.replaced_at)};
}

schemas::rewrap_view view_of(const services::rewrap_order& found) {
  return {.state = found.state,
          .key_id = {found.key_id},
          .ordered_at = optional_field<schemas::moment>(found.ordered_at),
          .finished_at = optional_field<schemas::moment>(found.finished_at),
          .rewrapped = found.rewrapped,
          .unreadable = found.unreadable};
}

schemas::key_ring_view view_of(const services::ring_report& found) {
  schemas::key_ring_view view{.mode = {models::enum_text(found.mode)},
                              .active = {found.active},
                              .keys = {},
                              .rewrap = view_of(found.rewrap)};
  view.keys.items.reserve(found.keys.size() + 1);
  for (const auto& name : found.keys) {
    view.keys.items.push_back({.key_id = {name}, .values = found.values_of(name)});
  }
  for (const auto name : {services::clear_key_id, services::unknown_key_id}) {
    if (const auto values = found.values_of(name); values > 0 && name != found.active) {
      view.keys.items.push_back({.key_id = {std::string(name)}, .values = values});
    }
  }
  return view;
}

schemas::rewrap_plan_view plan_of(const services::ring_report& found) {
  schemas::rewrap_plan_view view{
      .active = {found.active}, .total = 0, .to_rewrap = {}, .rewrap = view_of(found.rewrap)};
  for (const auto& one : found.counts) {
    if (one.key_id != found.active) {
      view.to_rewrap.items.push_back({.table = {std::string(one.table)},
                                      .column = {std::string(one.column)},
                                      .key_id = {one.key_id},
                                      .values = one.values});
      view.total.value += static_cast<std::int64_t>(one.values);
    }
  }
  return view;
}

schemas::keys_view view_of(const services::trust_report& found) {
  schemas::keys_view view{.signing = {},
                          .next_rotation_at = {found.next_rotation_at},
                          .root_key_id = {found.root_key_id},
                          .key_set_version = found.key_set_version,
                          .key_set_ends_at = {found.key_set_ends_at},
                          .ring = view_of(found.ring),
                          .last_backup_at = optional_field<schemas::moment>(found.last_backup_at)};
  view.signing.items.reserve(found.signing.size());
  for (const auto& one : found.signing) {
    view.signing.items.push_back(view_of(one));
  }
  return view;
}

}

void add_key_routes(route_table& table, const service_set& services) {
  using schemas::keys_view;
  table.add(without_body<keys_view>(
      {.method = "GET",
       .pattern = "/api/v1/admin/keys",
       .operation = "showKeys",
       .summary = "Signing keys with states and ages, and the names of the key ring; never a "
                  "secret part.",
       .wanted = access::admin},
      [services](call&) -> answer<keys_view> {
        HTTVPS_TRY(const auto found, services.trust.show());
        return view_of(found);
      }));
  table.add(without_body<keys_view>(
      {.method = "POST",
       .pattern = "/api/v1/admin/keys:rotate-signing",
       .operation = "rotateSigningKey",
       .summary = "Publishes a new signing key, which takes over after 5 minutes.",
       .wanted = access::admin},
      [services](call& made) -> answer<keys_view> {
        HTTVPS_TRY(const auto found, services.trust.rotate_signing(*made.admin));
        return view_of(found);
      }));
  table.add(with_body<schemas::rewrap_request, schemas::rewrap_plan_view>(
      {.method = "POST",
       .pattern = "/api/v1/admin/keys:rewrap",
       .operation = "rewrapSecrets",
       .summary = "Seals everything at rest with the active key of the ring, in the background; "
                  "with plan only says what that would be.",
       .wanted = access::admin},
      [services](call& made,
                 const schemas::rewrap_request& wanted) -> answer<schemas::rewrap_plan_view> {
        const auto& trust = services.trust;
        HTTVPS_TRY(const auto found, wanted.plan.value_or(false) ? trust.show_ring()
                                                                 : trust.order_rewrap(*made.admin));
        return plan_of(found);
      }));
}

}
