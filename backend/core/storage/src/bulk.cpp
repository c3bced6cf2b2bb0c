#include "bulk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "values.hpp"

namespace httvps::backend::storage {
namespace {

constexpr std::int64_t number_of_nothing = -1;

void append_row(std::string& text, const bulk_shape& shape, std::size_t row) {
  auto out = std::back_inserter(text);
  for (std::size_t column = 0; column < shape.columns; ++column) {
    fmt::format_to(out, "{}{}:v{}{}", column == 0 ? "(" : ", ", shape.before_value,
                   row * shape.columns + column, shape.after_value);
  }
  text.push_back(')');
}

std::string statement_text(const bulk_shape& shape, std::size_t rows) {
  std::string text(shape.head);
  for (std::size_t row = 0; row < rows; ++row) {
    text.append(row == 0 ? "" : ", ");
    append_row(text, shape, row);
  }
  return text.append(shape.tail);
}

cells joined(std::span<const cells> rows) {
  cells all;
  for (const auto& row : rows) {
    all.insert(all.end(), row.begin(), row.end());
  }
  return all;
}

}

bulk_shape lookup_shape(std::string_view head, std::string_view tail) {
  return {.head = head,
          .columns = 1,
          .tail = tail,
          .before_value = "CAST(",
          .after_value = " AS BIGINT)"};
}

bulk_statement::bulk_statement(const bulk_shape& shape) {
  for (std::size_t i = 0; i < widths; ++i) {
    texts_[i] = statement_text(shape, std::size_t{1} << i);
  }
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
                            const std::vector<cells>& rows) {
  std::span<const cells> left(rows);
  while (!left.empty()) {
    const auto width = next_width(left.size());
    HTTVPS_CHECK(
        database.execute({.sql = wanted.text_for(width), .parameters = joined(left.first(width))}));
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

}
