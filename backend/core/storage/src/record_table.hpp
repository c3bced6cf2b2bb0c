#pragma once

#include <string>

#include "httvps/backend/models/administration.hpp"
#include "row_mapping.hpp"

namespace httvps::backend::storage {

inline std::string key_text(const std::string& key) {
  return key;
}
template <models::id_kind Kind>
std::string key_text(const models::public_id<Kind>& key) {
  return key.text();
}

template <typename Row, typename Record>
class row_reader {
 public:
  static base::result<std::optional<Record>> one(connection& database, const query& wanted) {
    HTTVPS_TRY(const auto row, select_row<Row>(database, wanted));
    return row ? std::optional<Record>(row->record()) : std::nullopt;
  }

  static base::result<std::vector<Record>> all(connection& database, const query& wanted) {
    HTTVPS_TRY(const auto rows, select_rows<Row>(database, wanted));
    std::vector<Record> records;
    records.reserve(rows.size());
    for (const auto& row : rows) {
      records.push_back(row.record());
    }
    return records;
  }

  static base::result<models::page<Record>> page(connection& database, query wanted,
                                                 std::uint32_t size) {
    wanted.parameters.push_back(static_cast<std::int64_t>(size) + 1);
    HTTVPS_TRY(auto records, all(database, wanted));
    models::page<Record> found{.items = std::move(records), .more = false};
    if (found.items.size() > size) {
      found.items.resize(size);
      found.more = true;
    }
    return found;
  }
};

template <typename Interface, typename Row, typename Record, typename Key>
class record_table : public Interface {
 public:
  explicit record_table(connection& database) noexcept : database_(database) {}

  base::result<> insert(const Record& record) override {
    static const std::string sql = insert_statement<Row>();
    return database_.execute({.sql = sql, .parameters = cells_of(Row::from(record))});
  }

  base::result<> update(const Record& record) override {
    static const std::string sql = update_statement<Row>();
    return database_.execute({.sql = sql, .parameters = cells_key_last(Row::from(record))});
  }

  base::result<std::optional<Record>> find(const Key& key) override {
    static const std::string sql =
        select_statement<Row>(std::string("WHERE ").append(Row::key).append(" = :key"));
    return reader::one(database_, {.sql = sql, .parameters = {key_text(key)}});
  }

 protected:
  using reader = row_reader<Row, Record>;

  base::result<models::page<Record>> list_by_id(const models::page_request& wanted) {
    static const std::string sql =
        select_statement<Row>("WHERE id > :after ORDER BY id LIMIT :most");
    return reader::page(database_, {.sql = sql, .parameters = {wanted.after}}, wanted.size);
  }

  connection& database() noexcept { return database_; }

 private:
  connection& database_;
};

}
