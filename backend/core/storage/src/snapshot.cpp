#include "httvps/backend/storage/snapshot.hpp"

#include <algorithm>

#include "migrator.hpp"
#include "opened_database.hpp"
#include "row_text.hpp"
#include "snapshot_documents.hpp"
#include "snapshot_records.hpp"
#include "snapshot_walk.hpp"
#include "table_transfer.hpp"
#include "values.hpp"

namespace httvps::backend::storage {
namespace {

std::span<const migration> applied_until(std::uint32_t version) {
  const auto known = known_migrations();
  const auto end =
      std::ranges::find_if(known, [&](const migration& one) { return one.version > version; });
  return known.first(static_cast<std::size_t>(end - known.begin()));
}

class snapshot_writer {
 public:
  snapshot_writer(connection& source, const snapshot_order& order) noexcept
      : source_(source), order_(order), records_(order.to) {}

  base::result<snapshot_manifest> run();

 private:
  base::result<snapshot_table> write_table(const table_shape& shape);
  base::result<> write_rows(const std::vector<cells>& rows, row_digest& digest);
  void tell(const snapshot_table& table, copy_stage stage) const;

  connection& source_;
  const snapshot_order& order_;
  record_writer records_;
  std::string text_;
};

void snapshot_writer::tell(const snapshot_table& table, copy_stage stage) const {
  if (order_.progress) {
    order_.progress(
        {.table = table.name, .rows = table.rows, .digest = table.digest, .stage = stage});
  }
}

base::result<> snapshot_writer::write_rows(const std::vector<cells>& rows, row_digest& digest) {
  for (const auto& row : rows) {
    text_.clear();
    append_row(text_, row);
    digest.add_text(text_);
    HTTVPS_CHECK(records_.write(record_kind::row, text_));
  }
  return {};
}

base::result<snapshot_table> snapshot_writer::write_table(const table_shape& shape) {
  HTTVPS_CHECK(records_.write(record_kind::table, shape.name));
  snapshot_table table{.name = shape.name, .rows = 0, .digest = {}};
  table_scan scan(source_, shape);
  row_digest digest;
  while (true) {
    HTTVPS_TRY(const auto rows, scan.next());
    if (rows.empty()) {
      break;
    }
    HTTVPS_CHECK(write_rows(rows, digest));
    table.rows += rows.size();
    tell(table, copy_stage::copying);
  }
  table.digest = digest.finish();
  tell(table, copy_stage::verified);
  return table;
}

base::result<snapshot_manifest> snapshot_writer::run() {
  HTTVPS_TRY(const auto version, migrator(source_, known_migrations()).version());
  const auto applied = applied_until(version);
  HTTVPS_TRY(const auto shapes, read_catalogue(applied));
  snapshot_manifest made{.head = {.program = order_.program,
                                  .schema = version,
                                  .migrations = mark_of(applied),
                                  .made_at = to_microseconds(order_.clock.system_now())},
                         .tables = {}};
  HTTVPS_CHECK(records_.write(record_kind::head, to_text(made.head)));
  for (const auto& shape : shapes) {
    HTTVPS_TRY(auto table, write_table(shape));
    made.tables.push_back(std::move(table));
  }
  if (order_.sign) {
    made.proof = order_.sign(made.signed_text());
  }
  HTTVPS_CHECK(records_.write(record_kind::manifest, to_text(made)));
  return made;
}

}

base::result<snapshot_manifest> write_snapshot(const snapshot_order& order) {
  HTTVPS_TRY(const auto source, open_present(order.from));
  HTTVPS_CHECK(migrator(*source, known_migrations()).check());
  HTTVPS_CHECK(source->begin(transaction_kind::reading));
  auto made = snapshot_writer(*source, order).run();
  source->roll_back();
  return made;
}

base::result<snapshot_manifest> check_snapshot(byte_source& from, const copy_listener& progress) {
  return snapshot_walk(from, progress).run([](const table_shape&, std::span<const cells>) {
    return base::result<>();
  });
}

}
