#include "gateway_tables.hpp"

#include "counting.hpp"

namespace httvps::backend::storage {

gateway_row gateway_row::from(const models::gateway& gateway) {
  return {.id = gateway.id.text(),
          .name = gateway.name,
          .region = gateway.region,
          .host = gateway.host,
          .addresses = to_stored_list(gateway.addresses),
          .pins = to_stored_list(gateway.pins),
          .x25519_public = gateway.x25519_public,
          .path = gateway.path,
          .cookie = gateway.cookie,
          .state = models::enum_text(gateway.state),
          .created_at = to_microseconds(gateway.created_at),
          .approved_at = to_microseconds(gateway.approved_at),
          .draining_since = to_microseconds(gateway.draining_since),
          .weight = gateway.weight,
          .capacity_bps = to_stored(gateway.capacity_bps),
          .max_sessions = to_stored(gateway.max_sessions)};
}

models::gateway gateway_row::record() const {
  return {.id = models::gateway_id::trusted(id),
          .name = name,
          .region = region,
          .host = host,
          .addresses = from_stored_list(addresses),
          .pins = from_stored_list(pins),
          .x25519_public = x25519_public,
          .path = path,
          .cookie = cookie,
          .state = stored_enum<models::gateway_state>(state),
          .created_at = from_microseconds(created_at),
          .approved_at = from_microseconds(approved_at),
          .draining_since = from_microseconds(draining_since),
          .weight = static_cast<std::uint32_t>(weight.value_or(1)),
          .capacity_bps = from_stored<std::uint64_t>(capacity_bps),
          .max_sessions = from_stored<std::uint64_t>(max_sessions)};
}

credential_row credential_row::from(const models::credential& credential) {
  return {.hash = credential.hash,
          .kind = models::enum_text(credential.kind),
          .owner = credential.owner,
          .created_at = to_microseconds(credential.created_at),
          .used_at = to_microseconds(credential.used_at),
          .expires_at = to_microseconds(credential.expires_at),
          .follows = credential.follows,
          .renewal_asked_at = to_microseconds(credential.renewal_asked_at),
          .revoked_at = to_microseconds(credential.revoked_at)};
}

models::credential credential_row::record() const {
  return {.hash = hash,
          .kind = stored_enum<models::credential_kind>(kind),
          .owner = owner,
          .created_at = from_microseconds(created_at),
          .used_at = from_microseconds(used_at),
          .expires_at = from_microseconds(expires_at),
          .follows = follows,
          .renewal_asked_at = from_microseconds(renewal_asked_at),
          .revoked_at = from_microseconds(revoked_at)};
}

join_token_row join_token_row::from(const models::join_token& token) {
  return {.hash = token.hash,
          .name = token.name,
          .region = token.region,
          .expires_at = to_microseconds(token.expires_at),
          .created_at = to_microseconds(token.created_at),
          .used_by = token.used_by ? std::optional(token.used_by->text()) : std::nullopt,
          .id = token.id.empty() ? std::nullopt : std::optional(token.id.text()),
          .needs_approval = token.approval == models::join_approval::by_admin ? 1 : 0,
          .used_at = to_microseconds(token.used_at),
          .revoked_at = to_microseconds(token.revoked_at)};
}

models::join_token join_token_row::record() const {
  return {.hash = hash,
          .name = name,
          .region = region,
          .expires_at = from_microseconds(expires_at),
          .created_at = from_microseconds(created_at),
          .used_by = used_by ? std::optional(models::gateway_id::trusted(*used_by)) : std::nullopt,
          .id = models::join_token_id::trusted(id.value_or("")),
          .approval = needs_approval.value_or(0) == 1 ? models::join_approval::by_admin
                                                      : models::join_approval::automatic,
          .used_at = from_microseconds(used_at),
          .revoked_at = from_microseconds(revoked_at)};
}

base::result<std::optional<models::gateway>> gateway_table::find_by_name(std::string_view name) {
  static const auto sql = select_choice<gateway_row>("WHERE name = :name");
  return reader::one(database(), {.sql = text_of(sql), .parameters = {std::string(name)}});
}

base::result<std::vector<models::gateway>> gateway_table::list_approved() {
  static const auto sql = select_choice<gateway_row>("WHERE state = 'approved' ORDER BY id");
  return reader::all(database(), {.sql = text_of(sql)});
}

base::result<std::uint64_t> gateway_table::count_pending() {
  return count_rows(database(),
                    {.sql = "SELECT COUNT(*) AS total FROM gateways WHERE state = 'pending'"});
}

base::result<models::page<models::gateway>> gateway_table::list(
    const models::page_request& wanted) {
  static const auto sql = select_choice<gateway_row>(
      "WHERE id > :after AND NOT (name = id AND region = '~') ORDER BY id LIMIT :most");
  return reader::page(database(), {.sql = text_of(sql), .parameters = {wanted.after}}, wanted.size);
}

base::result<std::optional<models::join_token>> join_token_table::find_by_id(
    const models::join_token_id& id) {
  if (!has_ids()) {
    return std::optional<models::join_token>();
  }
  static const auto sql = select_choice<join_token_row>("WHERE id = :id");
  return reader::one(database(), {.sql = text_of(sql), .parameters = {id.text()}});
}

base::result<std::uint64_t> join_token_table::forget(const services::ended_invitations& wanted) {
  return database().change(
      {.sql = "DELETE FROM join_tokens WHERE hash IN (SELECT hash FROM join_tokens "
              "WHERE expires_at < :before ORDER BY expires_at, hash LIMIT :most)",
       .parameters = {to_microseconds(wanted.before), to_stored(wanted.most)}});
}

base::result<models::page<models::join_token>> join_token_table::list(
    const models::page_request& wanted) {
  return has_ids() ? list_by_id(wanted) : models::page<models::join_token>{};
}

}
