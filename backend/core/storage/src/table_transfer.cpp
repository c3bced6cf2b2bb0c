#include "table_transfer.hpp"

#include <fmt/format.h>

#include "httvps/base/encoding.hpp"
#include "row_text.hpp"

namespace httvps::backend::storage {
namespace {

constexpr std::int64_t rows_a_read = 1000;
constexpr std::size_t rows_a_write = 64;

std::string joined(const std::vector<std::string>& parts) {
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::vector<std::string> key_columns(const table_shape& shape) {
  std::vector<std::string> names;
  names.reserve(shape.key.size());
  for (const auto at : shape.key) {
    names.push_back(shape.columns[at]);
  }
  return names;
}

std::vector<std::string> placeholders(std::string_view prefix, std::size_t count) {
  std::vector<std::string> names;
  names.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    names.push_back(fmt::format(":{}{}", prefix, i));
  }
  return names;
}

std::string select_text(const table_shape& shape, std::string_view condition) {
  return fmt::format("SELECT {} FROM {}{} ORDER BY {} LIMIT :most", joined(shape.columns),
                     shape.name, condition, joined(key_columns(shape)));
}

std::string insert_text(const table_shape& shape, std::size_t rows) {
  std::vector<std::string> tuples;
  tuples.reserve(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    tuples.push_back(
        fmt::format("({})", joined(placeholders(fmt::format("r{}c", row), shape.columns.size()))));
  }
  return fmt::format("INSERT INTO {} ({}) VALUES {}", shape.name, joined(shape.columns),
                     joined(tuples));
}

cells flattened(std::span<const cells> rows) {
  cells all;
  for (const auto& row : rows) {
    all.insert(all.end(), row.begin(), row.end());
  }
  return all;
}

}

table_scan::table_scan(connection& database, const table_shape& shape)
    : database_(database),
      shape_(shape),
      first_(select_text(shape, "")),
      following_(select_text(shape, fmt::format(" WHERE ({}) > ({})", joined(key_columns(shape)),
                                                joined(placeholders("after", shape.key.size()))))) {
}

base::result<std::vector<cells>> table_scan::next() {
  auto parameters = last_key_;
  parameters.emplace_back(rows_a_read);
  std::vector<cells> rows;
  HTTVPS_CHECK(database_.select(
      {.sql = last_key_.empty() ? first_ : following_, .parameters = std::move(parameters)},
      shape_.kinds, [&](cells&& row) { rows.push_back(std::move(row)); }));
  if (!rows.empty()) {
    last_key_.clear();
    for (const auto at : shape_.key) {
      last_key_.push_back(rows.back()[at]);
    }
  }
  return rows;
}

row_writer::row_writer(connection& database, const table_shape& shape)
    : database_(database), one_(insert_text(shape, 1)), many_(insert_text(shape, rows_a_write)) {}

base::result<> row_writer::write(std::span<const cells> rows) {
  while (rows.size() >= rows_a_write) {
    HTTVPS_CHECK(
        database_.execute({.sql = many_, .parameters = flattened(rows.first(rows_a_write))}));
    rows = rows.subspan(rows_a_write);
  }
  for (const auto& row : rows) {
    HTTVPS_CHECK(database_.execute({.sql = one_, .parameters = row}));
  }
  return {};
}

row_digest::row_digest() noexcept {
  crypto_hash_sha256_init(&state_);
}

void row_digest::add_text(std::string_view row) noexcept {
  crypto_hash_sha256_update(&state_, base::as_bytes(row).data(), row.size());
}

void row_digest::add(const cells& row) {
  text_.clear();
  append_row(text_, row);
  add_text(text_);
}

std::string row_digest::finish() {
  base::byte_array<crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256_final(&state_, digest.data());
  return base::to_hex(digest);
}

base::result<table_facts> facts_of(connection& database, const table_shape& shape,
                                   const copy_listener& progress) {
  table_scan scan(database, shape);
  row_digest digest;
  table_facts found;
  while (true) {
    HTTVPS_TRY(const auto rows, scan.next());
    if (rows.empty()) {
      found.digest = digest.finish();
      return found;
    }
    for (const auto& row : rows) {
      digest.add(row);
    }
    found.rows += rows.size();
    if (progress) {
      progress({.table = shape.name, .rows = found.rows, .stage = copy_stage::comparing});
    }
  }
}

}
