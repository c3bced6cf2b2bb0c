#include <algorithm>
#include <optional>
#include <ranges>

#include "counting.hpp"
#include "httvps/backend/storage/errc.hpp"
#include "httvps/backend/storage/snapshot.hpp"
#include "migrator.hpp"
#include "opened_database.hpp"
#include "snapshot_documents.hpp"
#include "snapshot_walk.hpp"
#include "values.hpp"

namespace httvps::backend::storage {
namespace {

class restoration {
 public:
  restoration(connection& target, const restore_order& order, std::span<const migration> applied)
      : target_(target), order_(order), applied_(applied) {}

  base::result<std::uint64_t> run();

 private:
  using shape_list = std::vector<table_shape>;

  base::result<std::size_t> present_migrations();
  base::result<std::uint64_t> rows_in(const shape_list& shapes);
  base::result<> prepare_schema();
  base::result<> require_idle();
  base::result<> clear(const shape_list& shapes);
  base::result<> load();
  base::result<> verify(const shape_list& shapes);
  base::result<> fill();

  connection& target_;
  const restore_order& order_;
  std::span<const migration> applied_;
};

base::result<std::size_t> restoration::present_migrations() {
  HTTVPS_TRY(const auto reports, migrator(target_, known_migrations()).status());
  return static_cast<std::size_t>(
      std::ranges::count(reports, migration_state::applied, &migration_report::state));
}

base::result<std::uint64_t> restoration::rows_in(const shape_list& shapes) {
  std::uint64_t sum = 0;
  for (const auto& shape : shapes) {
    const auto sql = "SELECT COUNT(*) AS total FROM " + shape.name;
    HTTVPS_TRY(const auto rows, count_rows(target_, {.sql = sql}));
    sum += rows;
  }
  return sum;
}

base::result<> restoration::prepare_schema() {
  HTTVPS_TRY(const auto present, present_migrations());
  HTTVPS_TRY(const auto shapes, read_catalogue(known_migrations().first(present)));
  HTTVPS_TRY(const auto rows, rows_in(shapes));
  if (rows > 0 && order_.rule == target_rule::must_be_empty) {
    return base::fail(errc::restore_target_not_empty);
  }
  if (rows > 0) {
    return present == applied_.size() ? base::result<>() : base::fail(errc::restore_schema_differs);
  }
  HTTVPS_CHECK(migrator(target_, known_migrations()).down(applied_.back().version));
  HTTVPS_CHECK(migrator(target_, applied_).up());
  return {};
}

base::result<> restoration::require_idle() {
  const auto now = to_microseconds(order_.clock.system_now());
  HTTVPS_TRY(const auto held,
             count_rows(target_, {.sql = "SELECT COUNT(*) AS total FROM worker_leases "
                                         "WHERE expires_at > :now",
                                  .parameters = {now}}));
  return held == 0 ? base::result<>() : base::fail(errc::restore_target_in_use);
}

base::result<> restoration::clear(const shape_list& shapes) {
  HTTVPS_TRY(const auto rows, rows_in(shapes));
  if (rows == 0) {
    return {};
  }
  if (order_.rule == target_rule::must_be_empty) {
    return base::fail(errc::restore_target_not_empty);
  }
  HTTVPS_CHECK(require_idle());
  for (const auto& shape : shapes | std::views::reverse) {
    const auto sql = "DELETE FROM " + shape.name;
    HTTVPS_CHECK(target_.execute({.sql = sql}));
  }
  return {};
}

base::result<> restoration::load() {
  std::optional<row_writer> writer;
  std::string table;
  HTTVPS_TRY(const auto read, snapshot_walk(order_.from, order_.progress)
                                  .run([&](const table_shape& shape, std::span<const cells> rows) {
                                    if (table != shape.name) {
                                      table = shape.name;
                                      writer.emplace(target_, shape);
                                    }
                                    return writer->write(rows);
                                  }));
  return to_text(read.tables) == to_text(order_.checked.tables)
             ? base::result<>()
             : base::fail(errc::snapshot_differs);
}

base::result<> restoration::verify(const shape_list& shapes) {
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const auto& wanted = order_.checked.tables[i];
    HTTVPS_TRY(const auto found, facts_of(target_, shapes[i], order_.progress));
    if (found.rows != wanted.rows || found.digest != wanted.digest) {
      return base::fail(errc::copy_differs);
    }
  }
  return {};
}

base::result<> restoration::fill() {
  HTTVPS_TRY(const auto shapes, read_catalogue(applied_));
  HTTVPS_CHECK(clear(shapes));
  HTTVPS_CHECK(load());
  return verify(shapes);
}

base::result<std::uint64_t> restoration::run() {
  HTTVPS_CHECK(prepare_schema());
  HTTVPS_CHECK(target_.begin(transaction_kind::migrating));
  auto outcome = fill();
  if (outcome) {
    outcome = target_.commit();
  }
  target_.roll_back();
  HTTVPS_CHECK(outcome);
  HTTVPS_CHECK(migrator(target_, known_migrations()).up());
  return order_.checked.rows();
}

}

base::result<std::uint64_t> restore_snapshot(const restore_order& order) {
  HTTVPS_TRY(const auto applied, migrations_for(order.checked.head));
  HTTVPS_TRY(const auto target, open_patiently(order.into));
  return restoration(*target, order, applied).run();
}

}
