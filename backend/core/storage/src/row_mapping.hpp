#pragma once

#include <array>
#include <boost/describe/class.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "connection.hpp"

namespace httvps::backend::storage {

template <typename Row>
using row_members = boost::describe::describe_members<Row, boost::describe::mod_public>;

template <typename Row>
inline constexpr std::size_t column_count = boost::mp11::mp_size<row_members<Row>>::value;

template <typename Row>
constexpr std::array<column_kind, column_count<Row>> column_kinds() {
  std::array<column_kind, column_count<Row>> kinds{};
  std::size_t next = 0;
  boost::mp11::mp_for_each<row_members<Row>>([&](auto member) {
    using value = std::remove_cvref_t<decltype(std::declval<Row&>().*member.pointer)>;
    kinds[next++] = kind_of<value>;
  });
  return kinds;
}

template <typename Row>
std::string joined_columns(std::string_view before, std::string_view after) {
  std::string list;
  boost::mp11::mp_for_each<row_members<Row>>([&](auto member) {
    list.append(list.empty() ? "" : ", ").append(before).append(member.name).append(after);
  });
  return list;
}

template <typename Row>
std::string insert_statement() {
  return std::string("INSERT INTO ")
      .append(Row::table)
      .append(" (")
      .append(joined_columns<Row>("", ""))
      .append(") VALUES (")
      .append(joined_columns<Row>(":", ""))
      .append(")");
}

template <typename Row>
std::string update_statement() {
  std::string assignments;
  std::string key;
  boost::mp11::mp_for_each<row_members<Row>>([&](auto member) {
    if (key.empty()) {
      key = member.name;
      return;
    }
    assignments.append(assignments.empty() ? "" : ", ").append(member.name).append(" = :");
    assignments.append(member.name);
  });
  return std::string("UPDATE ")
      .append(Row::table)
      .append(" SET ")
      .append(assignments)
      .append(" WHERE ")
      .append(key)
      .append(" = :")
      .append(key);
}

template <typename Row>
std::string select_statement(std::string_view condition) {
  return std::string("SELECT ")
      .append(joined_columns<Row>("", ""))
      .append(" FROM ")
      .append(Row::table)
      .append(" ")
      .append(condition);
}

template <typename Row>
cells cells_of(const Row& row) {
  cells values;
  values.reserve(column_count<Row>);
  boost::mp11::mp_for_each<row_members<Row>>(
      [&](auto member) { values.push_back(to_cell(row.*member.pointer)); });
  return values;
}

template <typename Row>
cells cells_key_last(const Row& row) {
  auto values = cells_of(row);
  std::rotate(values.begin(), values.begin() + 1, values.end());
  return values;
}

template <typename Row>
Row row_of(cells&& values) {
  Row row;
  std::size_t next = 0;
  boost::mp11::mp_for_each<row_members<Row>>(
      [&](auto member) { from_cell(std::move(values[next++]), row.*member.pointer); });
  return row;
}

template <typename Row>
base::result<std::vector<Row>> select_rows(connection& database, const query& wanted) {
  static constexpr auto kinds = column_kinds<Row>();
  std::vector<Row> rows;
  HTTVPS_CHECK(database.select(
      wanted, kinds, [&](cells&& values) { rows.push_back(row_of<Row>(std::move(values))); }));
  return rows;
}

template <typename Row>
base::result<std::optional<Row>> select_row(connection& database, const query& wanted) {
  HTTVPS_TRY(auto rows, select_rows<Row>(database, wanted));
  if (rows.empty()) {
    return std::optional<Row>();
  }
  return std::optional<Row>(std::move(rows.front()));
}

}
