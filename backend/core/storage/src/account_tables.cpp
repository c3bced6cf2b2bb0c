#include "account_tables.hpp"

#include "counting.hpp"

namespace httvps::backend::storage {
namespace {

struct value_row {
  std::string value;
};
BOOST_DESCRIBE_STRUCT(value_row, (), (value))

struct audit_row {
  std::string id;
  std::int64_t at = 0;
  std::string actor;
  std::string request_id;
  std::string action;
  std::string object;
  std::string detail;
};
BOOST_DESCRIBE_STRUCT(audit_row, (), (id, at, actor, request_id, action, object, detail))

constexpr std::string_view after_every_name = "\xf4\x8f\xbf\xbf";

std::string stored_state(const models::user& user) {
  const bool is_deleted = user.state == models::user_state::deleted;
  return models::enum_text(is_deleted ? models::user_state::suspended : user.state);
}

std::optional<models::forgiven_usage> forgiven_in(const subscription_row& row) {
  if (!row.forgiven_period) {
    return std::nullopt;
  }
  return models::forgiven_usage{
      .period = from_microseconds(*row.forgiven_period),
      .counted = {.up = static_cast<base::byte_count>(row.forgiven_up.value_or(0)),
                  .down = static_cast<base::byte_count>(row.forgiven_down.value_or(0))}};
}

std::optional<models::planned_change> planned_in(const subscription_row& row) {
  if (!row.next_plan_id || !row.next_plan_at) {
    return std::nullopt;
  }
  return models::planned_change{.plan = models::plan_id::trusted(*row.next_plan_id),
                                .at = from_microseconds(*row.next_plan_at)};
}

models::plan_start start_in(const plan_row& row) {
  return row.start_rule ? stored_enum<models::plan_start>(*row.start_rule)
                        : models::plan_start::now;
}

list_condition condition_of(const services::user_filter& filter, row_shape shape) {
  list_condition made;
  if (filter.state && *filter.state != models::user_state::deleted) {
    made.add("state = :state", models::enum_text(*filter.state));
  }
  if (!filter.name_prefix.empty()) {
    made.add("name >= :least", filter.name_prefix);
    made.add("name < :most_name", filter.name_prefix + std::string(after_every_name));
  }
  const bool wants_deleted = filter.state == models::user_state::deleted;
  if (shape == row_shape::whole) {
    made.text.append(wants_deleted ? " AND deleted_at IS NOT NULL" : " AND deleted_at IS NULL");
  } else if (wants_deleted) {
    made.add("state = :nothing", std::string());
  }
  return made;
}

models::audit_entry entry_of(const audit_row& row) {
  return {.id = models::audit_id::trusted(row.id),
          .at = from_microseconds(row.at),
          .actor = row.actor,
          .request_id = row.request_id,
          .action = row.action,
          .object = row.object,
          .detail = row.detail};
}

}

user_row user_row::from(const models::user& user) {
  return {.id = user.id.text(),
          .name = user.name,
          .email = user.email,
          .state = stored_state(user),
          .note = user.note,
          .created_at = to_microseconds(user.created_at),
          .deleted_at = to_microseconds(user.deleted_at)};
}

models::user user_row::record() const {
  return {
      .id = models::user_id::trusted(id),
      .name = name,
      .email = email,
      .state = deleted_at ? models::user_state::deleted : stored_enum<models::user_state>(state),
      .note = note,
      .created_at = from_microseconds(created_at),
      .deleted_at = from_microseconds(deleted_at)};
}

plan_row plan_row::from(const models::plan& plan) {
  return {.id = plan.id.text(),
          .code = plan.code,
          .name = plan.name,
          .quota_bytes = to_stored(plan.quota_bytes),
          .offline_bytes = to_stored(plan.offline_bytes),
          .reset_period = models::enum_text(plan.reset),
          .duration_days = to_stored(plan.duration_days),
          .device_limit = plan.device_limit,
          .session_limit = plan.session_limit,
          .up_bps = to_stored(plan.up_bps),
          .down_bps = to_stored(plan.down_bps),
          .regions = to_stored_list(plan.regions),
          .created_at = to_microseconds(plan.created_at),
          .retired_at = to_microseconds(plan.retired_at),
          .start_rule = models::enum_text(plan.start)};
}

models::plan plan_row::record() const {
  return {.id = models::plan_id::trusted(id),
          .code = code,
          .name = name,
          .quota_bytes = from_stored<base::byte_count>(quota_bytes),
          .offline_bytes = from_stored<base::byte_count>(offline_bytes),
          .reset = stored_enum<models::reset_period>(reset_period),
          .duration_days = from_stored<std::uint32_t>(duration_days),
          .device_limit = static_cast<std::uint32_t>(device_limit),
          .session_limit = static_cast<std::uint32_t>(session_limit),
          .up_bps = from_stored<std::uint64_t>(up_bps),
          .down_bps = from_stored<std::uint64_t>(down_bps),
          .regions = from_stored_list(regions),
          .created_at = from_microseconds(created_at),
          .retired_at = from_microseconds(retired_at),
          .start = start_in(*this)};
}

subscription_row subscription_row::from(const models::subscription& subscription) {
  subscription_row row{.id = subscription.id.text(),
                       .user_id = subscription.user.text(),
                       .plan_id = subscription.plan.text(),
                       .state = models::enum_text(subscription.state),
                       .suspended_at = to_microseconds(subscription.suspended_at),
                       .starts_at = to_microseconds(subscription.starts_at),
                       .expires_at = to_microseconds(subscription.expires_at),
                       .created_at = to_microseconds(subscription.created_at),
                       .quota_bytes = to_stored(subscription.quota_bytes),
                       .awaits_use = subscription.awaits_use ? 1 : 0};
  if (subscription.forgiven) {
    row.forgiven_period = to_microseconds(subscription.forgiven->period);
    row.forgiven_up = to_stored(subscription.forgiven->counted.up);
    row.forgiven_down = to_stored(subscription.forgiven->counted.down);
  }
  if (subscription.next) {
    row.next_plan_id = subscription.next->plan.text();
    row.next_plan_at = to_microseconds(subscription.next->at);
  }
  return row;
}

models::subscription subscription_row::record() const {
  return {.id = models::subscription_id::trusted(id),
          .user = models::user_id::trusted(user_id),
          .plan = models::plan_id::trusted(plan_id),
          .state = stored_enum<models::subscription_state>(state),
          .suspended_at = from_microseconds(suspended_at),
          .starts_at = from_microseconds(starts_at),
          .expires_at = from_microseconds(expires_at),
          .created_at = from_microseconds(created_at),
          .quota_bytes = from_stored<base::byte_count>(quota_bytes),
          .forgiven = forgiven_in(*this),
          .next = planned_in(*this),
          .awaits_use = awaits_use.value_or(0) != 0};
}

api_token_row api_token_row::from(const models::api_token& token) {
  return {.id = token.id.text(),
          .name = token.name,
          .hash = token.hash,
          .role = models::enum_text(token.role),
          .created_at = to_microseconds(token.created_at),
          .revoked_at = to_microseconds(token.revoked_at)};
}

models::api_token api_token_row::record() const {
  return {.id = models::admin_id::trusted(id),
          .name = name,
          .hash = hash,
          .role = stored_enum<models::admin_role>(role),
          .created_at = from_microseconds(created_at),
          .revoked_at = from_microseconds(revoked_at)};
}

base::result<models::page<models::user>> user_table::list(const services::user_filter& filter) {
  return list_where(condition_of(filter, shape()), filter.wanted);
}

base::result<models::page<models::plan>> plan_table::list(const models::page_request& wanted) {
  return list_by_id(wanted);
}

base::result<> plan_table::remove(const models::plan_id& id) {
  return database().execute({.sql = "DELETE FROM plans WHERE id = :id", .parameters = {id.text()}});
}

base::result<bool> subscription_table::refer_to(const models::plan_id& plan) {
  const bool has_plans_to_come = shape() != row_shape::earlier;
  query wanted{.sql = "SELECT COUNT(*) AS total FROM subscriptions WHERE plan_id = :plan",
               .parameters = {plan.text()}};
  if (has_plans_to_come) {
    wanted.sql =
        "SELECT COUNT(*) AS total FROM subscriptions "
        "WHERE plan_id = :plan OR next_plan_id = :next_plan";
    wanted.parameters.emplace_back(plan.text());
  }
  HTTVPS_TRY(const auto references, count_rows(database(), wanted));
  return references > 0;
}

base::result<std::optional<models::subscription>> subscription_table::find_live(
    const models::user_id& user) {
  static const auto sql =
      select_choice<subscription_row>("WHERE user_id = :user AND state = 'active'");
  return reader::one(database(), {.sql = text_of(sql), .parameters = {user.text()}});
}

base::result<std::optional<models::api_token>> api_token_table::find_by_hash(
    std::string_view hash) {
  static const std::string sql = select_statement<api_token_row>("WHERE hash = :hash");
  return reader::one(database(), {.sql = sql, .parameters = {std::string(hash)}});
}

base::result<> audit_table::append(const models::audit_entry& entry) {
  return database_.execute(
      {.sql = "INSERT INTO audit_log (id, at, actor, request_id, action, object, detail) "
              "VALUES (:id, :at, :actor, :request_id, :action, :object, :detail)",
       .parameters = {entry.id.text(), to_microseconds(entry.at), entry.actor, entry.request_id,
                      entry.action, entry.object, entry.detail}});
}

base::result<std::vector<models::audit_entry>> audit_table::oldest(std::uint32_t size) {
  HTTVPS_TRY(const auto rows,
             select_rows<audit_row>(
                 database_, {.sql = "SELECT id, at, actor, request_id, action, object, detail "
                                    "FROM audit_log ORDER BY id LIMIT :most",
                             .parameters = {static_cast<std::int64_t>(size)}}));
  std::vector<models::audit_entry> entries;
  entries.reserve(rows.size());
  for (const auto& row : rows) {
    entries.push_back(entry_of(row));
  }
  return entries;
}

base::result<> audit_table::remove(const models::audit_id& id) {
  return database_.execute(
      {.sql = "DELETE FROM audit_log WHERE id = :id", .parameters = {id.text()}});
}

base::result<std::optional<std::string>> setting_table::find(std::string_view key) {
  HTTVPS_TRY(auto row,
             select_row<value_row>(database_, {.sql = "SELECT value FROM settings WHERE key = :key",
                                               .parameters = {std::string(key)}}));
  return row ? std::optional(std::move(row->value)) : std::nullopt;
}

base::result<> setting_table::save(const services::setting& changed) {
  return database_.execute({.sql = "INSERT INTO settings (key, value) VALUES (:key, :value) "
                                   "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                            .parameters = {changed.key, changed.value}});
}

base::result<std::uint64_t> user_table::count(const services::user_count& wanted) {
  return count_rows(database(),
                    {.sql = "SELECT COUNT(*) AS total FROM (SELECT 1 FROM users "
                            "WHERE state = :state LIMIT :most) AS counted",
                     .parameters = {models::enum_text(wanted.state), to_stored(wanted.most)}});
}

}
