#include "httvps/gateway/app/usage_reporter.hpp"

#include <utility>

namespace httvps::gateway {

net::task<> usage_reporter::gather() {
  std::size_t room = usage_rows_most;
  for (auto* source : parts_.sources) {
    HTTVPS_CO_TRY(auto rows, co_await source->collect(room));
    if (!rows.empty()) {
      room -= rows.size();
      pending_.push_back({source, std::move(rows)});
    }
  }
  co_return base::result<void>();
}

usage_batch usage_reporter::as_batch() const {
  usage_batch batch{.epoch = parts_.epoch, .sequence = sequence_, .rows = {}};
  for (const auto& [source, rows] : pending_) {
    for (const auto& row : rows) {
      batch.rows.push_back({.session = row.session,
                            .node_id = row.node_id,
                            .up = row.up,
                            .down = row.down,
                            .token = row.token});
    }
  }
  return batch;
}

net::task<> usage_reporter::report_once() {
  if (pending_.empty()) {
    HTTVPS_CO_CHECK(co_await gather());
  }
  if (pending_.empty()) {
    co_return base::result<void>();
  }
  auto batch = as_batch();
  const auto acknowledged = co_await parts_.control.report(std::move(batch));
  if (!acknowledged) {
    parts_.log.warn("usage_not_reported", {{"outcome", acknowledged.error()}, {"seq", sequence_}});
    co_return base::fail(acknowledged.error());
  }
  if (*acknowledged < sequence_) {
    co_return base::fail(control_errc::backend_answer_invalid);
  }
  parts_.probe.usage_batches.add();
  ++sequence_;
  auto done = std::exchange(pending_, {});
  for (auto& [source, rows] : done) {
    HTTVPS_CO_CHECK(co_await source->acknowledge(std::move(rows)));
  }
  co_return base::result<void>();
}

}
