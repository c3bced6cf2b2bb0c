#include "httvps/gateway/app/usage_reporter.hpp"

#include <utility>

namespace httvps::gateway {
namespace {

constexpr auto settling_pause = std::chrono::milliseconds(500);
constexpr int batches_a_round = 64;

}

usage_reporter::usage_reporter(const net::executor& runs_on, reporter_parts parts)
    : parts_(std::move(parts)), wake_(runs_on), settled_(runs_on) {}

net::task<> usage_reporter::run() {
  while (true) {
    const base::duration pause = settling_ ? settling_pause : parts_.interval;
    const auto woken = co_await wake_.wait(base::real_clock().steady_now() + pause);
    if (!woken && woken.error() != net::errc::timed_out) {
      co_return woken;
    }
    const bool last = settling_;
    const auto reported = co_await report_all();
    if (last && reported) {
      settled_.notify();
      co_return base::result<void>();
    }
  }
}

net::task<> usage_reporter::settle(base::steady_time deadline) {
  settling_ = true;
  wake_.notify();
  return settled_.wait(deadline);
}

net::task<> usage_reporter::report_all() {
  std::size_t rows = usage_rows_most;
  for (int batch = 0; batch < batches_a_round && rows >= usage_rows_most; ++batch) {
    const bool again = !pending_.empty();
    HTTVPS_CO_TRY(rows, co_await report_batch());
    rows = again ? usage_rows_most : rows;
  }
  co_return base::result<void>();
}

net::task<std::size_t> usage_reporter::report_batch() {
  if (pending_.empty()) {
    HTTVPS_CO_CHECK(co_await gather());
  }
  if (pending_.empty()) {
    co_return std::size_t{0};
  }
  auto batch = as_batch();
  const auto size = batch.rows.size();
  const auto acknowledged = co_await parts_.control.report(std::move(batch));
  if (!acknowledged) {
    note_failure(acknowledged.error());
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
  co_return size;
}

void usage_reporter::note_failure(const base::error& failure) {
  parts_.log.warn("usage_not_reported", {{"outcome", failure}, {"seq", sequence_}});
  if (failure == control_errc::digest_mismatch) {
    ++sequence_;
    pending_.clear();
  }
}

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

}
