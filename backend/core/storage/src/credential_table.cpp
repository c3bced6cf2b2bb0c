#include "credential_table.hpp"

namespace httvps::backend::storage {
namespace {

std::string leading_among(std::string_view owners) {
  return std::string("WHERE hash IN (SELECT hash FROM (SELECT hash, ROW_NUMBER() OVER (")
      .append(leading_order)
      .append(") AS place FROM credentials WHERE owner ")
      .append(owners)
      .append(") ranked WHERE place = 1) ORDER BY owner");
}

}

base::result<> credential_table::insert(const models::credential& credential) {
  static const statement_choice<credential_row> sql(
      [](row_shape shape) { return insert_statement<credential_row>(shape); });
  const auto shape = shape_for<credential_row>(database_.schema());
  return database_.execute({.sql = sql.text_for(database_.schema()),
                            .parameters = cells_of(credential_row::from(credential), shape)});
}

base::result<std::optional<models::credential>> credential_table::find(std::string_view hash) {
  static const auto sql = select_choice<credential_row>("WHERE hash = :hash");
  return reader::one(database_,
                     {.sql = sql.text_for(database_.schema()), .parameters = {std::string(hash)}});
}

base::result<std::optional<models::credential>> credential_table::find_leading(
    std::string_view owner) {
  if (!has_terms()) {
    return std::optional<models::credential>();
  }
  static const auto sql = select_statement<credential_row>(leading_among("= :owner"));
  return reader::one(database_, {.sql = sql, .parameters = {std::string(owner)}});
}

base::result<models::page<models::credential>> credential_table::list_leading(
    const models::page_request& wanted) {
  if (!has_terms()) {
    return models::page<models::credential>{};
  }
  static const auto sql =
      select_statement<credential_row>(leading_among("> :after").append(" LIMIT :most"));
  return reader::page(database_, {.sql = sql, .parameters = {wanted.after}}, wanted.size);
}

base::result<> credential_table::mark_used(const models::credential& credential) {
  return database_.execute(
      {.sql = "UPDATE credentials SET used_at = :used_at WHERE hash = :hash",
       .parameters = {to_cell(to_microseconds(credential.used_at)), credential.hash}});
}

base::result<> credential_table::end_followed(const models::credential& by, base::system_time end) {
  const auto followed = by.follows.value_or("");
  const auto moment = to_microseconds(end);
  HTTVPS_CHECK(database_.execute(
      {.sql = "UPDATE credentials SET expires_at = :expires_at WHERE owner = :owner AND "
              "hash = :hash AND (expires_at IS NULL OR expires_at > :moment)",
       .parameters = {moment, by.owner, followed, moment}}));
  return database_.execute(
      {.sql = "DELETE FROM credentials WHERE owner = :owner AND kind = :kind AND hash <> :hash AND "
              "hash <> :followed",
       .parameters = {by.owner, models::enum_text(by.kind), by.hash, followed}});
}

base::result<> credential_table::ask_renewal(std::string_view owner, base::system_time now) {
  return database_.execute({.sql = "UPDATE credentials SET renewal_asked_at = :asked "
                                   "WHERE owner = :owner AND revoked_at IS NULL",
                            .parameters = {to_microseconds(now), std::string(owner)}});
}

base::result<> credential_table::revoke_all(std::string_view owner, base::system_time now) {
  return database_.execute({.sql = "UPDATE credentials SET revoked_at = :revoked "
                                   "WHERE owner = :owner AND revoked_at IS NULL",
                            .parameters = {to_microseconds(now), std::string(owner)}});
}

base::result<> credential_table::remove_others(const models::credential& kept) {
  return database_.execute(
      {.sql = "DELETE FROM credentials WHERE owner = :owner AND kind = :kind AND hash <> :hash",
       .parameters = {kept.owner, models::enum_text(kept.kind), kept.hash}});
}

base::result<> credential_table::remove_unused(std::string_view owner) {
  return database_.execute(
      {.sql = "DELETE FROM credentials WHERE owner = :owner AND used_at IS NULL",
       .parameters = {std::string(owner)}});
}

base::result<> credential_table::remove_all(std::string_view owner) {
  return database_.execute(
      {.sql = "DELETE FROM credentials WHERE owner = :owner", .parameters = {std::string(owner)}});
}

}
