#include "httvps/backend/services/usage_poster.hpp"

#include "httvps/backend/services/failpoints.hpp"
#include "httvps/backend/services/quota_service.hpp"
#include "httvps/base/scope_exit.hpp"
#include "usage_posting.hpp"

namespace httvps::backend::services {
namespace {

base::result<> book(repositories& tables, const service_tools& tools,
                    const accepted_usage& accepted,
                    const std::vector<models::usage_delta>& deltas) {
  if (deltas.empty()) {
    return {};
  }
  HTTVPS_CHECK(tables.books.add_to_periods(shares_by_period(deltas)));
  if (tools.storage.schema_version() < usage_journal_schema) {
    return tables.books.add_to_days(shares_by_day(deltas));
  }
  return tables.deltas.append({.gateway = accepted.name.epoch.gateway,
                               .epoch = accepted.name.epoch.epoch,
                               .seq = accepted.name.seq,
                               .received_at = accepted.received_at},
                              deltas);
}

}

base::result<> hold_epoch(repositories& tables, const service_tools& tools,
                          const epoch_name& epoch) {
  return tools.storage.schema_version() < epoch_schema
             ? tables.journal.save_acked(epoch, 0)
             : tables.epochs.hold(epoch, tools.clock.system_now());
}

base::result<posted_usage> post_lines(repositories& tables, const service_tools& tools,
                                      const accepted_usage& accepted) {
  usage_posting posting(tables, tools, accepted);
  HTTVPS_CHECK(posting.post());
  const auto& epoch = accepted.name.epoch;
  HTTVPS_CHECK(tables.quota_leases.roll_up(
      {.epoch = epoch, .shares = posting.quota_shares(), .at = accepted.received_at}));
  HTTVPS_CHECK(settle_dead_epochs(tables, epoch, accepted.received_at));
  HTTVPS_CHECK(book(tables, tools, accepted, posting.deltas()));
  auto posted = posting.posted();
  if (posted.quarantined > 0) {
    HTTVPS_CHECK(tables.journal.save_quarantined(accepted.name, posted.quarantined));
  }
  HTTVPS_TRY(const auto gateway, tables.gateways.find(epoch.gateway));
  posted.region = gateway ? gateway->region : std::string();
  return posted;
}

bool posting_queue::add(batch_name name) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= most_) {
    return false;
  }
  waiting_.push_back(std::move(name));
  return true;
}

std::optional<batch_name> posting_queue::take() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) {
    return std::nullopt;
  }
  std::optional next(std::move(waiting_.front()));
  waiting_.pop_front();
  return next;
}

std::size_t posting_queue::size() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

base::result<posted_usage> post_batch(const service_tools& tools, const batch_name& name) {
  auto posted =
      note_later_in(tools.storage, [&](repositories& tables) -> base::result<posted_usage> {
        HTTVPS_CHECK(hold_epoch(tables, tools, name.epoch));
        HTTVPS_TRY(const auto waiting, tables.unposted.find(name));
        if (!waiting) {
          return posted_usage{};
        }
        HTTVPS_TRY(const auto done, post_lines(tables, tools, *waiting));
        HTTVPS_CHECK(tables.unposted.remove(name));
        HTTVPS_CHECK(usage_failpoint::pass(usage_failpoint::before_posting_commit));
        return done;
      });
  if (posted && posted->batches > 0) {
    HTTVPS_CHECK(usage_failpoint::pass(usage_failpoint::after_posting_commit));
  }
  return posted;
}

std::size_t usage_poster::waiting() const {
  return tools_.postings != nullptr ? tools_.postings->size() : 0;
}

base::result<> usage_poster::post(const batch_name& name) const {
  HTTVPS_TRY(const auto done, post_batch(tools_, name));
  if (posted_ && done.batches > 0) {
    posted_(done);
  }
  return {};
}

base::result<> usage_poster::post_next() const {
  ++under_way_;
  const base::scope_exit leave([this] { --under_way_; });
  const auto next = tools_.postings != nullptr ? tools_.postings->take() : std::nullopt;
  return next ? post(*next) : base::result<>();
}

base::result<> usage_poster::post_waiting(base::steady_time until) const {
  base::result<> outcome;
  while (waiting() > 0 && tools_.clock.steady_now() < until) {
    const auto done = post_next();
    outcome = done ? outcome : done;
  }
  return outcome;
}

base::result<> usage_poster::sweep(std::chrono::seconds older_than) const {
  if (tools_.storage.schema_version() < unposted_usage_schema) {
    return {};
  }
  const auto before = tools_.clock.system_now() - older_than;
  HTTVPS_TRY(const auto left, read_from(tools_.storage, [&](repositories& tables) {
               return tables.unposted.oldest({.received_before = before, .most = batches_a_sweep});
             }));
  base::result<> outcome;
  for (const auto& name : left) {
    const auto done = post(name);
    outcome = done ? outcome : done;
  }
  return outcome;
}

}
