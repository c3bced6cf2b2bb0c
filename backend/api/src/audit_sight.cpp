#include "audit_sight.hpp"

#include <algorithm>

namespace httvps::backend::api {
namespace {

using models::admin_role;
using models::id_kind;

struct area_kind {
  std::string_view area;
  id_kind kind;
};

constexpr area_kind kinds[] = {
    {"users", id_kind::user},      {"subscriptions", id_kind::subscription},
    {"devices", id_kind::device},  {"enrolment-tickets", id_kind::ticket},
    {"plans", id_kind::plan},      {"nodes", id_kind::node},
    {"gateways", id_kind::gateway}};

bool is_changed_by(const services::admin_actor& actor, const route& one) {
  const bool is_for_support = one.wanted == access::support;
  return one.method != "GET" &&
         (is_for_support || (one.is_for_operations && services::holds_operations(actor)));
}

}

std::optional<id_kind> kind_of_area(std::string_view area) noexcept {
  const auto* const found = std::ranges::find(kinds, area, &area_kind::area);
  return found == std::end(kinds) ? std::nullopt : std::optional(found->kind);
}

std::optional<models::audit_sight> sight_of(const services::admin_actor& actor,
                                            const route_table& table) {
  const bool is_of_support = actor.token && actor.maker_role == admin_role::support;
  if (actor.role != admin_role::support && !is_of_support) {
    return std::nullopt;
  }
  models::audit_sight sight{.actor = actor.id.text()};
  if (actor.token && !is_of_support) {
    sight.token = actor.token->id.text();
  }
  for (const auto& one : table.routes()) {
    const auto scope = scope_of(one);
    const auto kind = kind_of_area(std::string_view(scope).substr(0, scope.find(':')));
    const bool is_new = kind && std::ranges::find(sight.kinds, *kind) == sight.kinds.end();
    if (is_new && is_changed_by(actor, one)) {
      sight.kinds.push_back(*kind);
    }
  }
  return sight;
}

}
