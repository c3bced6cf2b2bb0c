#pragma once

#include <array>
#include <boost/describe/class.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>
#include <concepts>
#include <cstdint>
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
concept HasLaterColumns = requires {
  { Row::later_columns } -> std::convertible_to<std::size_t>;
  { Row::later_schema } -> std::convertible_to<std::uint32_t>;
};

template <typename Row>
concept HasLatestColumns = HasLaterColumns<Row> && requires {
  { Row::latest_columns } -> std::convertible_to<std::size_t>;
  { Row::latest_schema } -> std::convertible_to<std::uint32_t>;
};

template <typename Row>
inline constexpr std::size_t later_count = 0;
template <HasLaterColumns Row>
inline constexpr std::size_t later_count<Row> = Row::later_columns;
template <typename Row>
inline constexpr std::size_t latest_count = 0;
template <HasLatestColumns Row>
inline constexpr std::size_t latest_count<Row> = Row::latest_columns;

enum class row_shape { whole, recent, earlier };

template <typename Row>
row_shape shape_for(std::uint32_t schema) noexcept {
  if constexpr (HasLaterColumns<Row>) {
    if (schema < Row::later_schema) {
      return row_shape::earlier;
    }
  }
  if constexpr (HasLatestColumns<Row>) {
    return schema < Row::latest_schema ? row_shape::recent : row_shape::whole;
  }
  return row_shape::whole;
}

template <typename Row>
constexpr std::size_t columns_in(row_shape shape) noexcept {
  const auto latest = shape == row_shape::whole ? 0 : latest_count<Row>;
  const auto later = shape == row_shape::earlier ? later_count<Row> : 0;
  return column_count<Row> - latest - later;
}

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
std::string joined_columns(std::string_view before, std::string_view after,
                           row_shape shape = row_shape::whole) {
  std::string list;
  std::size_t left = columns_in<Row>(shape);
  boost::mp11::mp_for_each<row_members<Row>>([&](auto member) {
    if (left == 0) {
      return;
    }
    --left;
    list.append(list.empty() ? "" : ", ").append(before).append(member.name).append(after);
  });
  return list;
}

template <typename Row>
std::string selected_columns(row_shape shape, std::string_view before = "") {
  auto list = joined_columns<Row>(before, "", shape);
  static constexpr auto kinds = column_kinds<Row>();
  std::size_t at = 0;
  boost::mp11::mp_for_each<row_members<Row>>([&](auto member) {
    if (at >= columns_in<Row>(shape)) {
      const bool is_text = kinds[at] == column_kind::text;
      list.append(is_text ? ", CAST(NULL AS TEXT) AS " : ", CAST(NULL AS BIGINT) AS ")
          .append(member.name);
    }
    ++at;
  });
  return list;
}

template <typename Row>
std::string insert_statement(row_shape shape = row_shape::whole) {
  return std::string("INSERT INTO ")
      .append(Row::table)
      .append(" (")
      .append(joined_columns<Row>("", "", shape))
      .append(") VALUES (")
      .append(joined_columns<Row>(":", "", shape))
      .append(")");
}

template <typename Row>
std::string update_statement(row_shape shape = row_shape::whole) {
  std::string assignments;
  std::string key;
  std::size_t left = columns_in<Row>(shape);
  boost::mp11::mp_for_each<row_members<Row>>([&](auto member) {
    if (left == 0) {
      return;
    }
    --left;
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
std::string select_statement(std::string_view condition, row_shape shape = row_shape::whole) {
  return std::string("SELECT ")
      .append(selected_columns<Row>(shape))
      .append(" FROM ")
      .append(Row::table)
      .append(" ")
      .append(condition);
}

template <typename Row>
class statement_choice {
 public:
  template <typename Writer>
  explicit statement_choice(const Writer& write)
      : texts_{write(row_shape::whole), write(row_shape::recent), write(row_shape::earlier)} {}

  const std::string& text_for(std::uint32_t schema) const noexcept {
    return texts_[static_cast<std::size_t>(shape_for<Row>(schema))];
  }

 private:
  std::array<std::string, 3> texts_;
};

template <typename Row>
statement_choice<Row> select_choice(std::string_view condition) {
  return statement_choice<Row>(
      [&](row_shape shape) { return select_statement<Row>(condition, shape); });
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
cells cells_of(const Row& row, row_shape shape) {
  auto values = cells_of(row);
  values.resize(columns_in<Row>(shape));
  return values;
}

template <typename Row>
cells cells_key_last(const Row& row, row_shape shape = row_shape::whole) {
  auto values = cells_of(row, shape);
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
