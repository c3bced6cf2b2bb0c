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

struct list_condition {
  std::string text;
  cells parameters;

  void add(std::string_view condition, cell parameter) {
    text.append(" AND ").append(condition);
    parameters.push_back(std::move(parameter));
  }
};

template <typename Interface, typename Row, typename Record, typename Key>
class record_table : public Interface {
 public:
  explicit record_table(connection& database) noexcept : database_(database) {}

  base::result<> insert(const Record& record) override {
    static const statement_choice<Row> sql(
        [](row_shape shape) { return insert_statement<Row>(shape); });
    return database_.execute(
        {.sql = text_of(sql), .parameters = cells_of(Row::from(record), shape())});
  }

  base::result<> update(const Record& record) override {
    static const statement_choice<Row> sql(
        [](row_shape shape) { return update_statement<Row>(shape); });
    return database_.execute(
        {.sql = text_of(sql), .parameters = cells_key_last(Row::from(record), shape())});
  }

  base::result<std::optional<Record>> find(const Key& key) override {
    static const auto sql =
        select_choice<Row>(std::string("WHERE ").append(Row::key).append(" = :key"));
    return reader::one(database_, {.sql = text_of(sql), .parameters = {key_text(key)}});
  }

 protected:
  using reader = row_reader<Row, Record>;

  base::result<models::page<Record>> list_by_id(const models::page_request& wanted) {
    static const auto sql = select_choice<Row>("WHERE id > :after ORDER BY id LIMIT :most");
    return reader::page(database_, {.sql = text_of(sql), .parameters = {wanted.after}},
                        wanted.size);
  }

  base::result<models::page<Record>> list_where(const list_condition& wanted,
                                                const models::page_request& page) {
    const auto condition =
        std::string("WHERE id > :after").append(wanted.text).append(" ORDER BY id LIMIT :most");
    const auto sql = select_statement<Row>(condition, shape());
    cells parameters = {page.after};
    parameters.insert(parameters.end(), wanted.parameters.begin(), wanted.parameters.end());
    return reader::page(database_, {.sql = sql, .parameters = std::move(parameters)}, page.size);
  }

  connection& database() noexcept { return database_; }
  row_shape shape() const noexcept { return shape_for<Row>(database_.schema()); }
  const std::string& text_of(const statement_choice<Row>& choice) const noexcept {
    return choice.text_for(database_.schema());
  }

 private:
  connection& database_;
};

}
