#include "admin_tables.hpp"

namespace httvps::backend::storage {

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

base::result<> admin_token_table::note_use(const services::admin_token_use& use) {
  return database().execute({.sql = "UPDATE admin_tokens SET last_used_at = :at WHERE id = :id",
                             .parameters = {to_microseconds(use.at), use.token.text()}});
}

base::result<> admin_token_table::forget_before(base::system_time moment) {
  return database().execute({.sql = "DELETE FROM admin_tokens WHERE kind = 'session' AND "
                                    "expires_at < :moment",
                             .parameters = {to_microseconds(moment)}});
}

}
