#pragma once

#include <functional>
#include <span>

#include "catalogue.hpp"
#include "httvps/backend/storage/snapshot.hpp"
#include "snapshot_records.hpp"
#include "table_transfer.hpp"

namespace httvps::backend::storage {

class snapshot_walk {
 public:
  using batch_handler = std::function<base::result<>(const table_shape&, std::span<const cells>)>;

  snapshot_walk(byte_source& from, const copy_listener& progress)
      : records_(from), progress_(progress) {}

  base::result<snapshot_manifest> run(const batch_handler& on_rows);

 private:
  base::result<snapshot_head> read_head();
  base::result<std::vector<cells>> next_rows(const table_shape& shape, row_digest& digest);
  base::result<snapshot_table> read_table(const table_shape& shape, const batch_handler& on_rows);
  base::result<> compare(const std::vector<snapshot_table>& read);
  base::result<> advance();
  void tell(const snapshot_table& table, copy_stage stage) const;

  record_reader records_;
  const copy_listener& progress_;
  snapshot_record ahead_;
};

}
