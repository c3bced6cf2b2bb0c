#include "account_tables.hpp"

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
          .state = models::enum_text(user.state),
          .note = user.note,
          .created_at = to_microseconds(user.created_at)};
}

models::user user_row::record() const {
  return {.id = models::user_id::trusted(id),
          .name = name,
          .email = email,
          .state = stored_enum<models::user_state>(state),
          .note = note,
          .created_at = from_microseconds(created_at)};
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
          .created_at = to_microseconds(plan.created_at)};
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
          .created_at = from_microseconds(created_at)};
}

subscription_row subscription_row::from(const models::subscription& subscription) {
  return {.id = subscription.id.text(),
          .user_id = subscription.user.text(),
          .plan_id = subscription.plan.text(),
          .state = models::enum_text(subscription.state),
          .suspended_at = to_microseconds(subscription.suspended_at),
          .starts_at = to_microseconds(subscription.starts_at),
          .expires_at = to_microseconds(subscription.expires_at),
          .created_at = to_microseconds(subscription.created_at)};
}

models::subscription subscription_row::record() const {
  return {.id = models::subscription_id::trusted(id),
          .user = models::user_id::trusted(user_id),
          .plan = models::plan_id::trusted(plan_id),
          .state = stored_enum<models::subscription_state>(state),
          .suspended_at = from_microseconds(suspended_at),
          .starts_at = from_microseconds(starts_at),
          .expires_at = from_microseconds(expires_at),
          .created_at = from_microseconds(created_at)};
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

base::result<models::page<models::user>> user_table::list(const models::page_request& wanted) {
  return list_by_id(wanted);
}

base::result<models::page<models::plan>> plan_table::list(const models::page_request& wanted) {
  return list_by_id(wanted);
}

base::result<models::page<models::subscription>> subscription_table::list(
    const models::page_request& wanted) {
  return list_by_id(wanted);
}

base::result<std::optional<models::subscription>> subscription_table::find_live(
    const models::user_id& user) {
  static const std::string sql =
      select_statement<subscription_row>("WHERE user_id = :user AND state = 'active'");
  return reader::one(database(), {.sql = sql, .parameters = {user.text()}});
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

}
