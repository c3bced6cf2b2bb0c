#include "httvps/backend/services/account_service.hpp"
#include "httvps/backend/services/audit_documents.hpp"
#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::services {
namespace {

constexpr int most_tries = 3;

models::user user_of(const new_user& wanted, const service_tools& tools) {
  const auto now = tools.clock.system_now();
  return {.id = models::user_id::make(now, tools.random),
          .name = wanted.name,
          .email = wanted.email,
          .state = models::user_state::active,
          .note = wanted.note,
          .created_at = now};
}

base::result<> insert_user(repositories& tables, const service_tools& tools,
                           const admin_actor& actor, const models::user& made) {
  HTTVPS_CHECK(tables.users.insert(made));
  return record_change(
      tables, tools, actor,
      {.action = "user.create", .object = made.id.text(), .after = audit_document(made)});
}

base::result<added_users> insert_all(repositories& tables, const service_tools& tools,
                                     const admin_actor& actor,
                                     const std::vector<new_user>& wanted) {
  added_users results;
  results.reserve(wanted.size());
  for (const auto& each : wanted) {
    HTTVPS_TRY(const bool is_taken, tables.users.knows_name(each.name));
    if (is_taken) {
      results.emplace_back(base::fail(errc::already_exists));
      continue;
    }
    const auto made = user_of(each, tools);
    HTTVPS_CHECK(insert_user(tables, tools, actor, made));
    results.emplace_back(made.id);
  }
  return results;
}

}

base::result<models::user> account_service::add_user(const admin_actor& actor,
                                                     const new_user& wanted) const {
  const auto made = user_of(wanted, tools_);
  HTTVPS_CHECK(tools_.storage.write([&](repositories& tables) -> base::result<> {
    return insert_user(tables, tools_, actor, made);
  }));
  return made;
}

base::result<added_users> account_service::add_users(const admin_actor& actor,
                                                     const std::vector<new_user>& wanted) const {
  const auto add_all = [&](repositories& tables) {
    return insert_all(tables, tools_, actor, wanted);
  };
  auto added = write_to(tools_.storage, add_all);
  for (int tried = 1; tried < most_tries && !added && added.error() == errc::already_exists;
       ++tried) {
    added = write_to(tools_.storage, add_all);
  }
  return added;
}

}
