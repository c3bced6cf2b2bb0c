#pragma once

#include <array>
#include <bit>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "row_mapping.hpp"

namespace httvps::backend::storage {

inline constexpr std::size_t widest_bulk = 512;

struct bulk_shape {
  std::string_view head;
  std::size_t columns = 1;
  std::string_view tail = {};
  std::string_view array_tail = {};
};

enum class bulk_use { insert, lookup };

class bulk_statement {
 public:
  explicit bulk_statement(const bulk_shape& shape, bulk_use use = bulk_use::insert);

  const std::string& text_for(std::size_t rows) const noexcept {
    return texts_[static_cast<std::size_t>(std::countr_zero(rows))];
  }
  std::string array_text(const cells& shared, std::span<const column_kind> kinds) const;
  const std::string& array_lookup() const noexcept { return array_lookup_; }

 private:
  static constexpr std::size_t widths = std::bit_width(widest_bulk);
  std::string head_;
  std::string tail_;
  std::string array_lookup_;
  std::array<std::string, widths> texts_;
};

std::size_t next_width(std::size_t rows_left) noexcept;
std::string saturating_growth(std::string_view table, std::string_view column);
bulk_statement saturating_upsert(std::string_view table, std::string_view keys,
                                 std::size_t columns);

struct bulk_rows {
  cells shared = {};
  std::vector<cells> rows = {};
};

base::result<> execute_bulk(connection& database, const bulk_statement& wanted,
                            const bulk_rows& given);

struct bulk_lookup {
  const bulk_statement& statement;
  const cells& following;
  std::span<const std::uint64_t> numbers;
};

cells lookup_parameters(const cells& following, std::span<const std::uint64_t> numbers,
                        std::size_t width);
cells array_lookup_parameters(const bulk_lookup& wanted);

template <typename Row>
base::result<std::vector<Row>> select_bulk(connection& database, const bulk_lookup& wanted) {
  if (database.engine() == engine_kind::postgresql) {
    return select_rows<Row>(database, {.sql = wanted.statement.array_lookup(),
                                       .parameters = array_lookup_parameters(wanted)});
  }
  std::vector<Row> found;
  for (std::size_t from = 0; from < wanted.numbers.size(); from += widest_bulk) {
    const auto part =
        wanted.numbers.subspan(from, std::min(widest_bulk, wanted.numbers.size() - from));
    const auto width = std::bit_ceil(part.size());
    HTTVPS_TRY(auto rows, select_rows<Row>(database, {.sql = wanted.statement.text_for(width),
                                                      .parameters = lookup_parameters(
                                                          wanted.following, part, width)}));
    std::ranges::move(rows, std::back_inserter(found));
  }
  return found;
}

}
