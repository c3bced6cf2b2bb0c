#include "httvps/backend/storage/database_copy.hpp"

#include "counting.hpp"
#include "httvps/backend/storage/errc.hpp"
#include "migrator.hpp"
#include "opened_database.hpp"
#include "table_transfer.hpp"

namespace httvps::backend::storage {
namespace {

base::result<std::unique_ptr<connection>> open_source(const database_address& address) {
  HTTVPS_TRY(auto opened, open_present(address));
  HTTVPS_CHECK(migrator(*opened, known_migrations()).require_newest());
  return opened;
}

base::result<std::unique_ptr<connection>> open_target(const database_address& address) {
  HTTVPS_TRY(auto opened, open_patiently(address));
  HTTVPS_CHECK(migrator(*opened, known_migrations()).up());
  return opened;
}

class database_copy {
 public:
  database_copy(connection& source, connection& target, const copy_order& order) noexcept
      : source_(source), target_(target), order_(order) {}

  base::result<std::uint64_t> run(const std::vector<table_shape>& shapes);

 private:
  base::result<> require_empty(const table_shape& shape);
  base::result<copy_progress> copy(const table_shape& shape);
  base::result<> verify(const table_shape& shape, copy_progress copied);
  void tell(const copy_progress& step) const;

  connection& source_;
  connection& target_;
  const copy_order& order_;
};

void database_copy::tell(const copy_progress& step) const {
  if (order_.progress) {
    order_.progress(step);
  }
}

base::result<> database_copy::require_empty(const table_shape& shape) {
  const auto sql = "SELECT COUNT(*) AS total FROM " + shape.name;
  HTTVPS_TRY(const auto rows, count_rows(target_, {.sql = sql}));
  return rows == 0 ? base::result<>() : base::fail(errc::copy_target_not_empty);
}

base::result<copy_progress> database_copy::copy(const table_shape& shape) {
  copy_progress step{.table = shape.name};
  table_scan scan(source_, shape);
  row_writer writer(target_, shape);
  row_digest digest;
  while (true) {
    HTTVPS_TRY(const auto rows, scan.next());
    if (rows.empty()) {
      step.digest = digest.finish();
      return step;
    }
    HTTVPS_CHECK(writer.write(rows));
    for (const auto& row : rows) {
      digest.add(row);
    }
    step.rows += rows.size();
    tell(step);
  }
}

base::result<> database_copy::verify(const table_shape& shape, copy_progress copied) {
  HTTVPS_TRY(const auto found, facts_of(target_, shape, order_.progress));
  if (found.rows != copied.rows || found.digest != copied.digest) {
    return base::fail(errc::copy_differs);
  }
  copied.stage = copy_stage::verified;
  tell(copied);
  return {};
}

base::result<std::uint64_t> database_copy::run(const std::vector<table_shape>& shapes) {
  for (const auto& shape : shapes) {
    HTTVPS_CHECK(require_empty(shape));
  }
  std::vector<copy_progress> copied;
  std::uint64_t rows = 0;
  for (const auto& shape : shapes) {
    HTTVPS_TRY(auto done, copy(shape));
    rows += done.rows;
    copied.push_back(std::move(done));
  }
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    HTTVPS_CHECK(verify(shapes[i], std::move(copied[i])));
  }
  return rows;
}

}

base::result<std::uint64_t> copy_database(const copy_order& order) {
  HTTVPS_TRY(const auto shapes, read_catalogue());
  HTTVPS_TRY(const auto source, open_source(order.from));
  HTTVPS_TRY(const auto target, open_target(order.to));
  HTTVPS_CHECK(source->begin(transaction_kind::copying));
  auto rows = base::result<std::uint64_t>(0);
  auto outcome = target->begin(transaction_kind::migrating);
  if (outcome) {
    rows = database_copy(*source, *target, order).run(shapes);
    outcome = rows ? target->commit() : base::result<>(base::fail(rows.error()));
  }
  target->roll_back();
  source->roll_back();
  HTTVPS_CHECK(outcome);
  return rows;
}

}
