#include "httvps/backend/services/trust_service.hpp"

#include "httvps/backend/services/backup_notes.hpp"

namespace httvps::backend::services {
namespace {

std::vector<signing_key_report> report_on(const signing_history& history, base::system_time now) {
  std::vector<signing_key_report> all;
  all.reserve(history.generations().size());
  for (const auto& one : history.generations()) {
    all.push_back({.key = one.key,
                   .state = history.state_of(one, now),
                   .created_at = one.created_at,
                   .signs_from = one.signs_from,
                   .age = std::chrono::floor<std::chrono::seconds>(now - one.created_at),
                   .replaced_at = history.replaced_at(one)});
  }
  for (const auto& one : history.adopted()) {
    all.push_back({.key = one.key,
                   .state = signing_state::retired,
                   .created_at = one.adopted_at,
                   .signs_from = one.adopted_at,
                   .age = std::chrono::floor<std::chrono::seconds>(now - one.adopted_at),
                   .replaced_at = one.adopted_at});
  }
  return all;
}

}

base::result<trust_report> trust_service::show() const {
  HTTVPS_CHECK(tools_.authority.refresh());
  HTTVPS_TRY(auto ring, show_ring());
  HTTVPS_TRY(const auto backup, read_from(tools_.storage, last_backup));
  const auto& authority = tools_.authority;
  return trust_report{.signing = report_on(authority.history(), tools_.clock.system_now()),
                      .next_rotation_at = authority.next_rotation(),
                      .root_key_id = authority.root_key_id(),
                      .key_set_version = authority.key_set_version(),
                      .key_set_ends_at = authority.key_set_end(),
                      .ring = std::move(ring),
                      .last_backup_at = backup};
}

base::result<trust_report> trust_service::rotate_signing(const admin_actor& actor) const {
  HTTVPS_CHECK(tools_.authority.rotate([&](repositories& tables) {
    return record_change(tables, tools_, actor,
                         {.action = "keys.rotate_signing", .object = "keys"});
  }));
  return show();
}

}
