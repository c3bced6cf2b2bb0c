#include <algorithm>
#include <iterator>

#include "account_tables.hpp"
#include "standing_clause.hpp"

namespace httvps::backend::storage {
namespace {

using models::subscription_standing;

bool may_be_used(subscription_standing standing) noexcept {
  return standing == subscription_standing::active || standing == subscription_standing::limited;
}

sql_clause clause_of(subscription_standing standing, const connection& database,
                     base::system_time now) {
  const auto by_dates = may_be_used(standing) ? subscription_standing::active : standing;
  sql_clause made{.text = " AND CASE ", .parameters = {}};
  made.append(cases_by_dates(database.schema(), now));
  made.append(
      {.text = "ELSE 'active' END = :standing", .parameters = {models::enum_text(by_dates)}});
  if (may_be_used(standing)) {
    made.append(standing == subscription_standing::limited ? " AND " : " AND NOT ");
    made.append(quota_is_spent(database, now));
  }
  return made;
}

}

base::result<models::page<models::subscription>> subscription_table::list(
    const services::subscription_filter& filter, base::system_time now) {
  list_condition condition;
  if (filter.user) {
    condition.add("user_id = :user", filter.user->text());
  }
  if (filter.state) {
    condition.add("state = :state", models::enum_text(*filter.state));
  }
  if (filter.standing) {
    auto clause = clause_of(*filter.standing, database(), now);
    condition.text.append(clause.text);
    std::ranges::move(clause.parameters, std::back_inserter(condition.parameters));
  }
  return list_where(condition, filter.wanted);
}

}
