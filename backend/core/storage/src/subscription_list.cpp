#include <algorithm>
#include <iterator>

#include "account_tables.hpp"
#include "id_window.hpp"
#include "standing_clause.hpp"

namespace httvps::backend::storage {
namespace {

using models::subscription_standing;

std::string_view stored_part_of(subscription_standing standing) noexcept {
  switch (standing) {
    case subscription_standing::active:
    case subscription_standing::limited:
      return " AND state = 'active'";
    case subscription_standing::suspended:
      return " AND suspended_at IS NOT NULL";
    case subscription_standing::cancelled:
      return " AND state = 'cancelled'";
    default:
      return "";
  }
}

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

void add_all(list_condition& condition, sql_clause clause) {
  condition.text.append(clause.text);
  std::ranges::move(clause.parameters, std::back_inserter(condition.parameters));
}

list_condition stored_condition(const services::subscription_filter& filter) {
  list_condition condition;
  if (filter.user) {
    condition.add("user_id = :user", filter.user->text());
  }
  if (filter.state) {
    condition.add("state = :state", models::enum_text(*filter.state));
  }
  if (filter.standing) {
    condition.text.append(stored_part_of(*filter.standing));
  }
  return condition;
}

}

base::result<models::page<models::subscription>> subscription_table::list(
    const services::subscription_filter& filter, base::system_time now) {
  auto condition = stored_condition(filter);
  if (!filter.standing) {
    return list_where(condition, filter.wanted);
  }
  const id_window judged{
      .table = subscription_row::table, .after = filter.wanted.after, .size = filter.judged_most};
  HTTVPS_TRY(const auto last, end_of(database(), judged, condition));
  if (last) {
    condition.add("id <= :last", *last);
  }
  add_all(condition, clause_of(*filter.standing, database(), now));
  HTTVPS_TRY(auto found, list_where(condition, filter.wanted));
  if (last && !found.more) {
    found.more = true;
    found.looked_to = *last;
  }
  return found;
}

}
