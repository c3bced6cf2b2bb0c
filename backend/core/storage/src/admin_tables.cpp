#include "admin_tables.hpp"

#include "counting.hpp"

namespace httvps::backend::storage {
namespace {

struct used_row {
  std::optional<std::int64_t> used_at;
};
BOOST_DESCRIBE_STRUCT(used_row, (), (used_at))

}

admin_row admin_row::from(const models::admin& admin) {
  return {.id = admin.id.text(),
          .name = admin.name,
          .role = models::enum_text(admin.role),
          .state = models::enum_text(admin.state),
          .password_hash = admin.password_hash,
          .totp = models::enum_text(admin.totp),
          .totp_sealed = admin.totp_sealed,
          .totp_step = admin.totp_step,
          .created_at = to_microseconds(admin.created_at)};
}

models::admin admin_row::record() const {
  return {.id = models::admin_id::trusted(id),
          .name = name,
          .role = stored_enum<models::admin_role>(role),
          .state = stored_enum<models::admin_state>(state),
          .password_hash = password_hash,
          .totp = stored_enum<models::totp_state>(totp),
          .totp_sealed = totp_sealed,
          .totp_step = totp_step,
          .created_at = from_microseconds(created_at)};
}

base::result<std::optional<models::admin>> admin_table::find_by_name(std::string_view name) {
  static const std::string sql = select_statement<admin_row>("WHERE name = :name");
  return reader::one(database(), {.sql = sql, .parameters = {std::string(name)}});
}

base::result<models::page<models::admin>> admin_table::list(const models::page_request& wanted) {
  return list_by_id(wanted);
}

base::result<std::uint64_t> admin_table::count_active(models::admin_role role) {
  return count_rows(database(), {.sql = "SELECT COUNT(*) AS total FROM admins "
                                        "WHERE role = :role AND state = 'active'",
                                 .parameters = {std::string(models::enum_text(role))}});
}

base::result<> admin_table::remove(const models::admin_id& id) {
  return database().execute(
      {.sql = "DELETE FROM admins WHERE id = :id", .parameters = {id.text()}});
}

base::result<> recovery_code_table::insert(const models::recovery_code& code) {
  return database_.execute(
      {.sql = "INSERT INTO recovery_codes (admin_id, hash, used_at) "
              "VALUES (:owner, :hash, :used_at)",
       .parameters = {code.owner.text(), code.hash, to_cell(to_microseconds(code.used_at))}});
}

base::result<std::optional<models::recovery_code>> recovery_code_table::find(
    const models::recovery_code& named) {
  HTTVPS_TRY(const auto row,
             select_row<used_row>(database_, {.sql = "SELECT used_at FROM recovery_codes "
                                                     "WHERE admin_id = :owner AND hash = :hash",
                                              .parameters = {named.owner.text(), named.hash}}));
  if (!row) {
    return std::optional<models::recovery_code>();
  }
  auto found = named;
  found.used_at = from_microseconds(row->used_at);
  return std::optional(std::move(found));
}

base::result<> recovery_code_table::mark_used(const models::recovery_code& code) {
  return database_.execute(
      {.sql = "UPDATE recovery_codes SET used_at = :used_at "
              "WHERE admin_id = :owner AND hash = :hash",
       .parameters = {to_cell(to_microseconds(code.used_at)), code.owner.text(), code.hash}});
}

base::result<> recovery_code_table::remove_all(const models::admin_id& owner) {
  return database_.execute(
      {.sql = "DELETE FROM recovery_codes WHERE admin_id = :owner", .parameters = {owner.text()}});
}

admin_token_row admin_token_row::from(const models::admin_token& token) {
  return {.id = token.id.text(),
          .kind = models::enum_text(token.kind),
          .owner_id = token.owner.text(),
          .name = token.name,
          .hash = token.hash,
          .role = models::enum_text(token.role),
          .scopes = to_stored_list(token.scopes),
          .created_at = to_microseconds(token.created_at),
          .expires_at = to_microseconds(token.expires_at),
          .last_used_at = to_microseconds(token.last_used_at),
          .revoked_at = to_microseconds(token.revoked_at)};
}

models::admin_token admin_token_row::record() const {
  return {.id = models::admin_token_id::trusted(id),
          .kind = stored_enum<models::admin_token_kind>(kind),
          .owner = models::admin_id::trusted(owner_id),
          .name = name,
          .hash = hash,
          .role = stored_enum<models::admin_role>(role),
          .scopes = from_stored_list(scopes),
          .created_at = from_microseconds(created_at),
          .expires_at = from_microseconds(expires_at),
          .last_used_at = from_microseconds(last_used_at),
          .revoked_at = from_microseconds(revoked_at)};
}

base::result<std::optional<models::admin_token>> admin_token_table::find_by_hash(
    std::string_view hash) {
  static const std::string sql = select_statement<admin_token_row>("WHERE hash = :hash");
  return reader::one(database(), {.sql = sql, .parameters = {std::string(hash)}});
}

base::result<models::page<models::admin_token>> admin_token_table::list(
    const services::admin_token_filter& filter) {
  static const std::string all = select_statement<admin_token_row>(
      "WHERE kind = 'token' AND id > :after ORDER BY id LIMIT :most");
  static const std::string owned = select_statement<admin_token_row>(
      "WHERE kind = 'token' AND owner_id = :owner AND id > :after ORDER BY id LIMIT :most");
  if (!filter.owner) {
    return reader::page(database(), {.sql = all, .parameters = {filter.wanted.after}},
                        filter.wanted.size);
  }
  return reader::page(database(),
                      {.sql = owned, .parameters = {filter.owner->text(), filter.wanted.after}},
                      filter.wanted.size);
}

base::result<> admin_token_table::end_sessions(const services::session_end& end) {
  return database().execute(
      {.sql = "UPDATE admin_tokens SET revoked_at = :at WHERE kind = 'session' AND "
              "owner_id = :owner AND revoked_at IS NULL AND id <> :except",
       .parameters = {to_microseconds(end.at), end.owner.text(),
                      end.except ? end.except->text() : std::string()}});
}

base::result<> admin_token_table::end_all(const models::admin_id& owner, base::system_time at) {
  return database().execute({.sql = "UPDATE admin_tokens SET revoked_at = :at "
                                    "WHERE owner_id = :owner AND revoked_at IS NULL",
                             .parameters = {to_microseconds(at), owner.text()}});
}

base::result<> admin_token_table::note_use(const services::admin_token_use& use) {
  return database().execute({.sql = "UPDATE admin_tokens SET last_used_at = :at WHERE id = :id",
                             .parameters = {to_microseconds(use.at), use.token.text()}});
}

base::result<> admin_token_table::forget_before(base::system_time moment) {
  return database().execute(
      {.sql = "DELETE FROM admin_tokens WHERE expires_at < :moment "
              "AND (kind = 'session' OR expires_at < :tokens_before)",
       .parameters = {to_microseconds(moment),
                      to_microseconds(moment - services::expired_token_memory)}});
}

}
