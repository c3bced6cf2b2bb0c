#include "snapshot_walk.hpp"

#include <algorithm>

#include "httvps/backend/storage/errc.hpp"
#include "row_text.hpp"
#include "snapshot_documents.hpp"

namespace httvps::backend::storage {
namespace {

constexpr std::size_t most_rows = 1000;
constexpr std::size_t most_bytes = 4 * base::mebibyte;

bool is_same(const snapshot_table& left, const snapshot_table& right) {
  return left.name == right.name && left.rows == right.rows && left.digest == right.digest;
}

}

base::result<> snapshot_walk::advance() {
  HTTVPS_TRY(ahead_, records_.next());
  return {};
}

void snapshot_walk::tell(const snapshot_table& table, copy_stage stage) const {
  if (progress_) {
    progress_({.table = table.name, .rows = table.rows, .digest = table.digest, .stage = stage});
  }
}

base::result<snapshot_head> snapshot_walk::read_head() {
  HTTVPS_CHECK(advance());
  if (ahead_.kind != record_kind::head) {
    return base::fail(errc::snapshot_invalid);
  }
  HTTVPS_TRY(auto head, parse_head(ahead_.content));
  HTTVPS_CHECK(advance());
  return head;
}

base::result<std::vector<cells>> snapshot_walk::next_rows(const table_shape& shape,
                                                          row_digest& digest) {
  std::vector<cells> rows;
  std::size_t bytes = 0;
  while (ahead_.kind == record_kind::row && rows.size() < most_rows && bytes < most_bytes) {
    HTTVPS_TRY(auto row, parse_row(ahead_.content, shape.kinds));
    digest.add_text(ahead_.content);
    bytes += ahead_.content.size();
    rows.push_back(std::move(row));
    HTTVPS_CHECK(advance());
  }
  return rows;
}

base::result<snapshot_table> snapshot_walk::read_table(const table_shape& shape,
                                                       const batch_handler& on_rows) {
  if (ahead_.kind != record_kind::table || ahead_.content != shape.name) {
    return base::fail(errc::snapshot_invalid);
  }
  HTTVPS_CHECK(advance());
  snapshot_table read{.name = shape.name, .rows = 0, .digest = {}};
  row_digest digest;
  while (true) {
    HTTVPS_TRY(const auto rows, next_rows(shape, digest));
    if (rows.empty()) {
      read.digest = digest.finish();
      tell(read, copy_stage::verified);
      return read;
    }
    HTTVPS_CHECK(on_rows(shape, rows));
    read.rows += rows.size();
    tell(read, copy_stage::copying);
  }
}

base::result<> snapshot_walk::compare(const std::vector<snapshot_table>& read) {
  if (ahead_.kind != record_kind::manifest) {
    return base::fail(errc::snapshot_invalid);
  }
  HTTVPS_TRY(const auto told, parse_tables(ahead_.content));
  HTTVPS_CHECK(records_.require_end());
  return std::ranges::equal(told, read, is_same) ? base::result<>()
                                                 : base::fail(errc::snapshot_differs);
}

base::result<snapshot_manifest> snapshot_walk::run(const batch_handler& on_rows) {
  snapshot_manifest read;
  HTTVPS_TRY(read.head, read_head());
  HTTVPS_TRY(const auto applied, migrations_for(read.head));
  HTTVPS_TRY(const auto shapes, read_catalogue(applied));
  for (const auto& shape : shapes) {
    HTTVPS_TRY(auto table, read_table(shape, on_rows));
    read.tables.push_back(std::move(table));
  }
  const std::string told(ahead_.content);
  HTTVPS_CHECK(compare(read.tables));
  HTTVPS_TRY(read.proof, parse_proof(told));
  return read;
}

}
