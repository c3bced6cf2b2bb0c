#include "device_tables.hpp"

#include <fmt/format.h>

#include "counting.hpp"
#include "device_list.hpp"

namespace httvps::backend::storage {
namespace {

struct known_session_row {
  std::string device_id;
  std::int64_t validated_at = 0;
};
BOOST_DESCRIBE_STRUCT(known_session_row, (), (device_id, validated_at))

struct withdrawn_row {
  std::string id;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(withdrawn_row, (), (id, reason))

struct id_row {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(id_row, (), (id))

}

device_row device_row::from(const models::device& device) {
  return {.id = device.id.text(),
          .user_id = device.user.text(),
          .subscription_id = device.subscription.text(),
          .ticket_id = device.ticket.text(),
          .name = device.name,
          .platform = device.platform,
          .public_key = device.public_key,
          .state = models::enum_text(device.state),
          .enrolled_at = to_microseconds(device.enrolled_at),
          .last_seen_at = to_microseconds(device.last_seen_at),
          .revoked_at = to_microseconds(device.revoked_at)};
}

models::device device_row::record() const {
  return {.id = models::device_id::trusted(id),
          .user = models::user_id::trusted(user_id),
          .subscription = models::subscription_id::trusted(subscription_id),
          .ticket = models::ticket_id::trusted(ticket_id),
          .name = name,
          .platform = platform,
          .public_key = public_key,
          .state = stored_enum<models::device_state>(state),
          .enrolled_at = from_microseconds(enrolled_at),
          .last_seen_at = from_microseconds(last_seen_at),
          .revoked_at = from_microseconds(revoked_at)};
}

ticket_row ticket_row::from(const models::enrolment_ticket& ticket) {
  return {.id = ticket.id.text(),
          .user_id = ticket.user.text(),
          .gateway_id = ticket.gateway.text(),
          .max_uses = ticket.max_uses,
          .uses = ticket.uses,
          .expires_at = to_microseconds(ticket.expires_at),
          .created_at = to_microseconds(ticket.created_at),
          .revoked_at = to_microseconds(ticket.revoked_at)};
}

models::enrolment_ticket ticket_row::record() const {
  return {.id = models::ticket_id::trusted(id),
          .user = models::user_id::trusted(user_id),
          .gateway = models::gateway_id::trusted(gateway_id),
          .max_uses = static_cast<std::uint32_t>(max_uses),
          .uses = static_cast<std::uint32_t>(uses),
          .expires_at = from_microseconds(expires_at),
          .created_at = from_microseconds(created_at),
          .revoked_at = from_microseconds(revoked_at)};
}

base::result<std::optional<models::device>> device_table::find_by_key(std::string_view public_key) {
  static const std::string sql = select_statement<device_row>("WHERE public_key = :public_key");
  return reader::one(database(), {.sql = sql, .parameters = {std::string(public_key)}});
}

base::result<std::uint64_t> device_table::count_active(const models::subscription_id& owner) {
  return count_rows(database(), {.sql = "SELECT COUNT(*) AS total FROM devices "
                                        "WHERE subscription_id = :owner AND state = 'active'",
                                 .parameters = {owner.text()}});
}

base::result<std::uint64_t> device_table::count_active_before(const models::device& device) {
  const auto enrolled = to_microseconds(device.enrolled_at);
  return count_rows(
      database(),
      {.sql = "SELECT COUNT(*) AS total FROM devices WHERE subscription_id = :owner "
              "AND state = 'active' AND (enrolled_at < :earlier OR "
              "(enrolled_at = :same AND id < :id))",
       .parameters = {device.subscription.text(), enrolled, enrolled, device.id.text()}});
}

base::result<models::page<models::device>> device_table::list(
    const services::device_filter& filter) {
  list_condition condition;
  if (filter.user) {
    condition.add("user_id = :user", filter.user->text());
  }
  if (filter.state) {
    condition.add("state = :state", models::enum_text(*filter.state));
  }
  return list_where(condition, filter.wanted);
}

base::result<std::vector<models::device>> device_table::list_active(
    const services::active_device_filter& filter) {
  static const std::string sql = select_statement<device_row>(
      "WHERE subscription_id = :owner AND state = 'active' ORDER BY enrolled_at, id LIMIT :most");
  return reader::all(database(),
                     {.sql = sql, .parameters = {filter.owner.text(), to_stored(filter.most)}});
}

base::result<services::withdrawn_list> device_table::list_withdrawn(
    const services::withdrawal_filter& filter) {
  HTTVPS_TRY(
      const auto rows,
      select_rows<withdrawn_row>(
          database(),
          {.sql = "SELECT id, MAX(reason) AS reason FROM ("
                  "SELECT id, '' AS reason FROM devices "
                  "WHERE state = 'revoked' AND revoked_at > :after "
                  "UNION ALL SELECT devices.id, 'user_suspended' FROM devices JOIN users "
                  "ON users.id = devices.user_id WHERE users.state = 'suspended' "
                  "AND devices.state = 'active' "
                  "UNION ALL SELECT devices.id, 'subscription_suspended' FROM devices "
                  "JOIN subscriptions ON subscriptions.id = devices.subscription_id "
                  "WHERE subscriptions.suspended_at IS NOT NULL AND devices.state = 'active') "
                  "AS listed GROUP BY id ORDER BY id DESC LIMIT :most",
           .parameters = {to_microseconds(filter.revoked_after), to_stored(filter.most)}}));
  services::withdrawn_list found;
  found.devices.reserve(rows.size());
  for (const auto& row : rows) {
    found.devices.push_back(models::device_id::trusted(row.id));
    if (!row.reason.empty()) {
      found.suspended.push_back({.device = found.devices.back(),
                                 .reason = stored_enum<models::suspension_reason>(row.reason)});
    }
  }
  return found;
}

base::result<std::uint64_t> ticket_table::forget(const services::ended_invitations& wanted) {
  return database().change(
      {.sql = "DELETE FROM enrolment_tickets WHERE id IN (SELECT t.id FROM enrolment_tickets t "
              "WHERE t.expires_at < :before AND NOT EXISTS "
              "(SELECT 1 FROM enrolment_codes c WHERE c.ticket_id = t.id) "
              "ORDER BY t.expires_at, t.id LIMIT :most)",
       .parameters = {to_microseconds(wanted.before), to_stored(wanted.most)}});
}

base::result<models::page<models::enrolment_ticket>> ticket_table::list(
    const services::ticket_filter& filter) {
  list_condition condition;
  if (filter.user) {
    condition.add("user_id = :user", filter.user->text());
  }
  return list_where(condition, filter.wanted);
}

base::result<std::optional<models::known_session>> known_session_table::find(
    const services::session_name& name) {
  HTTVPS_TRY(const auto row,
             select_row<known_session_row>(
                 database_, {.sql = "SELECT device_id, validated_at FROM known_sessions "
                                    "WHERE gateway_id = :gateway AND session = :session",
                             .parameters = {name.gateway.text(), std::string(name.session)}}));
  if (!row) {
    return std::optional<models::known_session>();
  }
  return std::optional(models::known_session{.gateway = name.gateway,
                                             .session = std::string(name.session),
                                             .device = models::device_id::trusted(row->device_id),
                                             .validated_at = from_microseconds(row->validated_at)});
}

base::result<std::vector<models::device_id>> known_session_table::devices_at(
    const models::gateway_id& gateway, const std::vector<models::device_id>& among) {
  const auto wanted = device_list_for(database_.engine(), among);
  HTTVPS_TRY(
      const auto rows,
      select_rows<id_row>(database_,
                          {.sql = fmt::format("SELECT DISTINCT device_id AS id FROM known_sessions "
                                              "WHERE gateway_id = :gateway AND device_id IN ({}) "
                                              "ORDER BY device_id",
                                              wanted.subquery),
                           .parameters = {gateway.text(), wanted.parameter}}));
  std::vector<models::device_id> found;
  found.reserve(rows.size());
  for (const auto& row : rows) {
    found.push_back(models::device_id::trusted(row.id));
  }
  return found;
}

base::result<> known_session_table::save(const models::known_session& session) {
  return database_.execute(
      {.sql = "INSERT INTO known_sessions (gateway_id, session, device_id, validated_at) "
              "VALUES (:gateway, :session, :device, :validated_at) "
              "ON CONFLICT (gateway_id, session) DO UPDATE SET "
              "device_id = excluded.device_id, validated_at = excluded.validated_at",
       .parameters = {session.gateway.text(), session.session, session.device.text(),
                      to_microseconds(session.validated_at)}});
}

base::result<> known_session_table::forget_before(base::system_time moment) {
  return database_.execute({.sql = "DELETE FROM known_sessions WHERE validated_at < :moment",
                            .parameters = {to_microseconds(moment)}});
}

}
