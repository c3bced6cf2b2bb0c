#include "httvps/gateway/usage/usage_reporter.hpp"

#include <algorithm>
#include <utility>

#include "httvps/base/failpoint.hpp"
#include "httvps/gateway/usage/failpoints.hpp"

namespace httvps::gateway {
namespace {

constexpr auto settling_pause = std::chrono::milliseconds(500);
constexpr base::duration retry_least = std::chrono::seconds(1);
constexpr auto disk_limit = std::chrono::seconds(60);
constexpr std::size_t rows_a_collection = 65'536;
constexpr std::uint64_t fills_an_answer = 1000;
constexpr std::size_t fills_in_a_row = 128;
constexpr std::uint64_t spread_parts = 2000;

base::steady_time now() {
  return base::real_clock().steady_now();
}

bool is_dropped(std::string_view point) {
  return base::reach_failpoint(point) == base::failpoint_outcome::drop;
}

bool is_cancelled(const base::error& failure) {
  return failure == net::errc::cancelled;
}

}

usage_reporter::usage_reporter(const net::executor& runs_on, reporter_parts parts)
    : parts_(std::move(parts)),
      wake_(runs_on),
      work_(runs_on),
      hurry_(runs_on),
      written_(runs_on),
      sent_(runs_on) {}

base::steady_time usage_reporter::next_report() {
  const auto tenth = parts_.times.report / 10;
  const auto share = static_cast<std::int64_t>(parts_.random.below(spread_parts + 1));
  return now() + parts_.times.report - tenth +
         tenth * share / static_cast<std::int64_t>(spread_parts / 2);
}

net::task<> usage_reporter::keep() {
  auto report_at = next_report();
  while (!settling_) {
    const auto woken = co_await wake_.wait(std::min(report_at, now() + parts_.times.sync));
    if (!woken && woken.error() != net::errc::timed_out) {
      co_return woken;
    }
    const bool due =
        now() >= report_at || settling_ || parts_.spool.open_rows() >= usage_batch_rows_most;
    static_cast<void>(co_await write_down(due ? sealing::now : sealing::later));
    if (due) {
      report_at = next_report();
      work_.notify();
    }
  }
  const auto last = co_await write_down(sealing::now);
  all_written_ = true;
  work_.notify();
  written_.notify();
  co_return last;
}

net::task<> usage_reporter::write_down(sealing when) {
  HTTVPS_CO_TRY(auto portions, co_await gather());
  std::vector<usage_row> rows;
  for (const auto& [source, part] : portions) {
    rows.insert(rows.end(), part.begin(), part.end());
  }
  auto written = co_await put(rows, when);
  if (!written) {
    parts_.log.error("usage_not_kept", {{"outcome", written.error()}});
    if (when == sealing::now) {
      co_await hold_in_memory(std::move(rows));
    }
    co_return written;
  }
  co_return co_await give_back(std::move(portions));
}

net::task<std::vector<usage_reporter::portion>> usage_reporter::gather() {
  std::vector<portion> portions;
  for (auto* source : parts_.sources) {
    HTTVPS_CO_TRY(auto rows, co_await source->collect(rows_a_collection));
    if (!rows.empty()) {
      portions.emplace_back(source, std::move(rows));
    }
  }
  co_return portions;
}

net::task<> usage_reporter::put(std::vector<usage_row> rows, sealing when) {
  auto job = [spool = &parts_.spool, rows = std::move(rows), when] {
    return when == sealing::now ? spool->seal(rows) : spool->keep(rows);
  };
  co_return co_await net::run_blocking(&parts_.disk, std::move(job), now() + disk_limit);
}

net::task<> usage_reporter::hold_in_memory(std::vector<usage_row> rows) {
  auto job = [spool = &parts_.spool, rows = std::move(rows)] {
    spool->seal_in_memory(rows);
    return base::result<>();
  };
  co_return co_await net::run_blocking(&parts_.disk, std::move(job), now() + disk_limit);
}

net::task<> usage_reporter::give_back(std::vector<portion> portions) {
  for (auto& [source, rows] : portions) {
    HTTVPS_CO_CHECK(co_await source->acknowledge(std::move(rows)));
  }
  co_return base::result<void>();
}

net::task<> usage_reporter::send() {
  const auto first_pause = std::min(retry_least, parts_.times.retry_most);
  auto pause = first_pause;
  while (true) {
    const auto outcome = co_await send_next();
    if (outcome && *outcome == delivery::done) {
      pause = first_pause;
    } else if (outcome) {
      if (all_written_) {
        sent_.notify();
        co_return base::result<void>();
      }
      HTTVPS_CO_CHECK(co_await wait_for_work());
    } else if (is_cancelled(outcome.error())) {
      co_return base::fail(outcome.error());
    } else {
      HTTVPS_CO_CHECK(co_await wait_to_retry(settling_ ? settling_pause : pause));
      pause = std::min(pause * 2, parts_.times.retry_most);
    }
  }
}

net::task<> usage_reporter::wait_to_retry(base::duration pause) {
  const auto waited = co_await hurry_.wait(now() + pause);
  co_return !waited && is_cancelled(waited.error()) ? waited : base::result<void>();
}

net::task<> usage_reporter::wait_for_work() {
  return work_.wait(net::no_deadline);
}

net::task<usage_reporter::delivery> usage_reporter::send_next() {
  auto job = [spool = &parts_.spool] { return spool->next(); };
  HTTVPS_CO_TRY(auto batch,
                co_await net::run_blocking(&parts_.disk, std::move(job), now() + disk_limit));
  if (!batch) {
    co_return delivery::idle;
  }
  HTTVPS_CO_CHECK(co_await deliver(std::move(*batch)));
  co_return delivery::done;
}

void usage_reporter::note_attempt(const usage_batch& batch) {
  std::pair name(batch.epoch, batch.sequence);
  parts_.probe.usage_batches_sent.add();
  parts_.probe.usage_batches_retried.add(attempted_ == name ? 1 : 0);
  attempted_ = std::move(name);
}

net::task<> usage_reporter::deliver(usage_batch batch) {
  note_attempt(batch);
  if (is_dropped(usage_failpoint::before_send)) {
    co_return base::fail(control_errc::backend_unreachable);
  }
  auto answer = co_await parts_.control.report(batch);
  if (is_dropped(usage_failpoint::after_send)) {
    co_return base::fail(control_errc::backend_unreachable);
  }
  if (!answer) {
    co_return co_await take_refusal(std::move(batch), answer.error());
  }
  if (answer->acked_through < batch.sequence) {
    co_return co_await fill_gaps(std::move(batch), std::move(*answer));
  }
  fills_ = 0;
  co_return co_await acknowledge(std::move(batch));
}

net::task<> usage_reporter::take_refusal(usage_batch batch, base::error failure) {
  parts_.log.warn("usage_not_reported", {{"outcome", failure}, {"seq", batch.sequence}});
  if (failure != control_errc::digest_mismatch) {
    co_return base::fail(failure);
  }
  auto job = [spool = &parts_.spool, epoch = std::move(batch.epoch)] {
    return spool->give_up(epoch);
  };
  co_return co_await net::run_blocking(&parts_.disk, std::move(job), now() + disk_limit);
}

net::task<> usage_reporter::fill_gaps(usage_batch batch, usage_answer answer) {
  std::uint64_t filled = 0;
  for (const auto& gap : answer.gaps) {
    const auto end = std::min(gap.last + 1, batch.sequence);
    for (auto missing = gap.first; missing < end && filled < fills_an_answer; ++missing) {
      usage_batch empty{.epoch = batch.epoch, .sequence = missing, .rows = {}};
      const auto taken = co_await parts_.control.report(std::move(empty));
      if (!taken) {
        parts_.log.warn("usage_gap_not_filled", {{"outcome", taken.error()}, {"seq", missing}});
        co_return base::fail(taken.error());
      }
      parts_.probe.usage_gaps_filled.add();
      ++filled;
    }
  }
  fills_ = filled > 0 ? fills_ + 1 : fills_in_a_row;
  if (fills_ >= fills_in_a_row) {
    fills_ = 0;
    co_return base::fail(control_errc::backend_answer_invalid);
  }
  co_return base::result<void>();
}

net::task<> usage_reporter::acknowledge(usage_batch batch) {
  if (is_dropped(usage_failpoint::before_acknowledge)) {
    co_return base::fail(control_errc::backend_unreachable);
  }
  auto job = [spool = &parts_.spool, epoch = std::move(batch.epoch), through = batch.sequence] {
    return base::result<std::vector<usage_row>>(spool->acknowledge(epoch, through));
  };
  HTTVPS_CO_TRY(auto released,
                co_await net::run_blocking(&parts_.disk, std::move(job), now() + disk_limit));
  parts_.probe.usage_batches.add();
  for (auto* source : parts_.sources) {
    if (!released.empty()) {
      HTTVPS_CO_CHECK(co_await source->acknowledge(released));
    }
  }
  static_cast<void>(base::reach_failpoint(usage_failpoint::after_acknowledge));
  co_return base::result<void>();
}

net::task<> usage_reporter::settle(base::steady_time deadline) {
  settling_ = true;
  wake_.notify();
  hurry_.notify();
  HTTVPS_CO_CHECK(co_await written_.wait(deadline));
  co_return co_await sent_.wait(deadline);
}

}
