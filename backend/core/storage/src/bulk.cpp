#include "bulk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "array_text.hpp"
#include "values.hpp"

namespace httvps::backend::storage {
namespace {

constexpr std::int64_t number_of_nothing = -1;

struct bulk_frame {
  std::string_view begin;
  std::string_view before_value;
  std::string_view after_value;
  std::string_view end;
};

bulk_frame frame_for(bulk_use use) noexcept {
  return use == bulk_use::insert
             ? bulk_frame{.begin = " VALUES ", .before_value = "", .after_value = "", .end = ""}
             : bulk_frame{.begin = " (VALUES ",
                          .before_value = "CAST(",
                          .after_value = " AS BIGINT)",
                          .end = ") AS wanted"};
}

void append_row(std::string& text, const bulk_frame& frame, std::size_t first,
                std::size_t columns) {
  auto out = std::back_inserter(text);
  for (std::size_t column = 0; column < columns; ++column) {
    fmt::format_to(out, "{}{}:v{}{}", column == 0 ? "(" : ", ", frame.before_value, first + column,
                   frame.after_value);
  }
  text.push_back(')');
}

std::string statement_text(const bulk_shape& shape, bulk_use use, std::size_t rows) {
  const auto frame = frame_for(use);
  auto text = std::string(shape.head).append(frame.begin);
  for (std::size_t row = 0; row < rows; ++row) {
    text.append(row == 0 ? "" : ", ");
    append_row(text, frame, row * shape.columns, shape.columns);
  }
  return text.append(frame.end).append(shape.tail);
}

std::string one_lookup_a_number(const bulk_shape& shape) {
  return fmt::format(
      "SELECT found.* FROM unnest(CAST(:numbers AS BIGINT[])) AS wanted (column1) "
      "CROSS JOIN LATERAL ({}{} OFFSET 0) AS found",
      shape.head, shape.array_tail);
}

column_kind array_kind(const cell& value) noexcept {
  return std::holds_alternative<std::int64_t>(value) ? column_kind::number : column_kind::text;
}

std::string_view type_of(column_kind kind) noexcept {
  return kind == column_kind::number ? "BIGINT" : "TEXT";
}

std::vector<column_kind> kinds_of(const cells& row) {
  std::vector<column_kind> kinds;
  kinds.reserve(row.size());
  std::ranges::transform(row, std::back_inserter(kinds), array_kind);
  return kinds;
}

base::result<> execute_arrays(connection& database, const bulk_statement& wanted,
                              const bulk_rows& given) {
  const auto kinds = kinds_of(given.rows.front());
  auto parameters = given.shared;
  parameters.reserve(given.shared.size() + kinds.size());
  for (std::size_t column = 0; column < kinds.size(); ++column) {
    parameters.emplace_back(array_of_column(given.rows, column));
  }
  const auto sql = wanted.array_text(given.shared, kinds);
  return database.execute({.sql = sql, .parameters = std::move(parameters)});
}

cells joined(const cells& shared, std::span<const cells> rows) {
  cells all;
  for (const auto& row : rows) {
    all.insert(all.end(), shared.begin(), shared.end());
    all.insert(all.end(), row.begin(), row.end());
  }
  return all;
}

}

bulk_statement::bulk_statement(const bulk_shape& shape, bulk_use use)
    : head_(shape.head), tail_(shape.tail), array_lookup_(one_lookup_a_number(shape)) {
  for (std::size_t i = 0; i < widths; ++i) {
    texts_[i] = statement_text(shape, use, std::size_t{1} << i);
  }
}

std::string bulk_statement::array_text(const cells& shared,
                                       std::span<const column_kind> kinds) const {
  auto text = head_;
  text.append(" SELECT ");
  for (std::size_t column = 0; column < shared.size(); ++column) {
    fmt::format_to(std::back_inserter(text), "CAST(:s{} AS {}), ", column,
                   type_of(array_kind(shared[column])));
  }
  text.append("given.* FROM unnest(");
  for (std::size_t column = 0; column < kinds.size(); ++column) {
    fmt::format_to(std::back_inserter(text), "{}CAST(:v{} AS {}[])", column == 0 ? "" : ", ",
                   column, type_of(kinds[column]));
  }
  return text.append(") AS given").append(tail_);
}

std::size_t next_width(std::size_t rows_left) noexcept {
  return std::min(widest_bulk, std::bit_floor(rows_left));
}

std::string saturating_growth(std::string_view table, std::string_view column) {
  const auto known = std::string(table).append(".").append(column);
  const auto added = std::string("excluded.").append(column);
  return std::string(column)
      .append(" = CASE WHEN ")
      .append(known)
      .append(" > 9223372036854775807 - ")
      .append(added)
      .append(" THEN 9223372036854775807 ELSE ")
      .append(known)
      .append(" + ")
      .append(added)
      .append(" END");
}

base::result<> execute_bulk(connection& database, const bulk_statement& wanted,
                            const bulk_rows& given) {
  if (given.rows.empty()) {
    return {};
  }
  if (database.engine() == engine_kind::postgresql) {
    return execute_arrays(database, wanted, given);
  }
  std::span<const cells> left(given.rows);
  while (!left.empty()) {
    const auto width = next_width(left.size());
    HTTVPS_CHECK(database.execute(
        {.sql = wanted.text_for(width), .parameters = joined(given.shared, left.first(width))}));
    left = left.subspan(width);
  }
  return {};
}

cells lookup_parameters(const cells& following, std::span<const std::uint64_t> numbers,
                        std::size_t width) {
  cells parameters;
  for (const auto number : numbers) {
    parameters.emplace_back(to_stored(number));
  }
  parameters.resize(width, number_of_nothing);
  parameters.insert(parameters.end(), following.begin(), following.end());
  return parameters;
}

cells array_lookup_parameters(const bulk_lookup& wanted) {
  cells parameters{array_of(wanted.numbers)};
  parameters.insert(parameters.end(), wanted.following.begin(), wanted.following.end());
  return parameters;
}

bulk_statement saturating_upsert(std::string_view table, std::string_view keys,
                                 std::size_t columns) {
  const auto head =
      std::string("INSERT INTO ").append(table).append(" (").append(keys).append(", up, down)");
  const auto tail = std::string(" ON CONFLICT (")
                        .append(keys)
                        .append(") DO UPDATE SET ")
                        .append(saturating_growth(table, "up"))
                        .append(", ")
                        .append(saturating_growth(table, "down"));
  return bulk_statement({.head = head, .columns = columns, .tail = tail});
}

}
