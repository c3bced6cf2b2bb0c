#include "httvps/backend/services/usage_service.hpp"

#include <fmt/format.h>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/failpoints.hpp"
#include "httvps/backend/services/issued_secret.hpp"
#include "httvps/backend/services/quota_service.hpp"
#include "usage_posting.hpp"

namespace httvps::backend::services {
namespace {

base::result<> hold_epoch(repositories& tables, const service_tools& tools,
                          const epoch_name& epoch) {
  return tools.storage.schema_version() < epoch_schema
             ? tables.journal.save_acked(epoch, 0)
             : tables.epochs.hold(epoch, tools.clock.system_now());
}

base::result<models::acknowledgement> acknowledge_epoch(repositories& tables,
                                                        const epoch_name& epoch) {
  HTTVPS_TRY(const auto acked, tables.journal.acked_through(epoch));
  HTTVPS_TRY(const auto later,
             tables.journal.later(epoch, {.after = acked, .most = furthest_sequence}));
  auto answer = models::acknowledge(acked, later, most_reported_gaps);
  if (answer.acked_through != acked) {
    HTTVPS_CHECK(tables.journal.save_acked(epoch, answer.acked_through));
  }
  return answer;
}

base::result<bool> was_reported(repositories& tables, const batch_name& name,
                                const std::string& digest) {
  HTTVPS_TRY(const auto known, tables.journal.find(name));
  if (known && known->digest != digest) {
    return base::fail(errc::digest_mismatch);
  }
  if (known) {
    return true;
  }
  HTTVPS_TRY(const auto acked, tables.journal.acked_through(name.epoch));
  if (name.seq > furthest_sequence && name.seq - furthest_sequence > acked) {
    return base::fail(errc::sequence_too_far);
  }
  return name.seq <= acked;
}

base::result<> book(repositories& tables, const service_tools& tools,
                    const models::usage_batch& batch,
                    const std::vector<models::usage_delta>& deltas) {
  HTTVPS_CHECK(tables.journal.insert(batch));
  if (deltas.empty()) {
    return {};
  }
  HTTVPS_CHECK(tables.books.add_to_periods(shares_by_period(deltas)));
  if (tools.storage.schema_version() < usage_journal_schema) {
    return tables.books.add_to_days(shares_by_day(deltas));
  }
  return tables.deltas.append(batch, deltas);
}

base::result<usage_receipt> post_batch(repositories& tables, const service_tools& tools,
                                       const received_batch& received) {
  usage_posting posting(tables, tools, received);
  HTTVPS_CHECK(usage_failpoint::pass(usage_failpoint::before_journal));
  HTTVPS_CHECK(posting.post());
  const auto& report = received.report;
  const epoch_name epoch{.gateway = received.gateway.id, .epoch = report.epoch};
  HTTVPS_CHECK(tables.quota_leases.roll_up(
      {.epoch = epoch, .shares = posting.quota_shares(), .at = received.at}));
  HTTVPS_CHECK(settle_dead_epochs(tables, epoch, received.at));
  const models::usage_batch batch{.gateway = received.gateway.id,
                                  .epoch = report.epoch,
                                  .seq = report.seq,
                                  .digest = received.digest,
                                  .rows = static_cast<std::uint32_t>(report.lines.size()),
                                  .quarantined = posting.receipt().quarantined,
                                  .received_at = received.at};
  HTTVPS_CHECK(book(tables, tools, batch, posting.deltas()));
  HTTVPS_CHECK(usage_failpoint::pass(usage_failpoint::after_journal));
  return posting.receipt();
}

usage_filter filter_for(usage_filter filter, const store& storage) {
  filter.sources = storage.schema_version() < usage_journal_schema
                       ? usage_sources::days_alone
                       : usage_sources::days_and_backlog;
  return filter;
}

}

std::string digest_of(const usage_report& batch) {
  std::string canonical = fmt::format("{}/{}\n", batch.epoch, batch.seq);
  for (const auto& line : batch.lines) {
    fmt::format_to(std::back_inserter(canonical), "{} {} {} {} {}{}\n", line.session,
                   line.node.text(), line.counted.up, line.counted.down, line.token.value_or("-"),
                   line.is_final ? " final" : "");
  }
  return hash_secret(canonical);
}

base::result<usage_receipt> usage_service::report(const models::gateway& gateway,
                                                  const usage_report& batch) const {
  const auto digest = digest_of(batch);
  const epoch_name epoch{.gateway = gateway.id, .epoch = batch.epoch};
  const received_batch received{
      .gateway = gateway, .report = batch, .digest = digest, .at = tools_.clock.system_now()};
  auto counted = note_in(tools_.storage, [&](repositories& tables) -> base::result<usage_receipt> {
    HTTVPS_CHECK(hold_epoch(tables, tools_, epoch));
    HTTVPS_TRY(const bool repeated,
               was_reported(tables, {.epoch = epoch, .seq = batch.seq}, digest));
    usage_receipt receipt{.novelty = report_novelty::repeated};
    if (!repeated) {
      HTTVPS_TRY(receipt, post_batch(tables, tools_, received));
    }
    HTTVPS_TRY(receipt.acknowledged, acknowledge_epoch(tables, epoch));
    HTTVPS_CHECK(usage_failpoint::pass(usage_failpoint::before_commit));
    return receipt;
  });
  HTTVPS_CHECK(usage_failpoint::pass(usage_failpoint::after_commit));
  return counted;
}

base::result<models::traffic> usage_service::total_of(repositories& tables,
                                                      const usage_filter& filter,
                                                      const models::page_request& page) const {
  const auto now = tools_.clock.steady_now();
  const auto known = page.after.empty() ? std::nullopt : totals_->find(filter, now);
  if (known) {
    return *known;
  }
  HTTVPS_TRY(const auto total, tables.ledger.total(filter));
  totals_->keep(filter, total, now);
  return total;
}

base::result<usage_summary> usage_service::summary(const usage_filter& wanted,
                                                   const models::page_request& page) const {
  const auto filter = filter_for(wanted, tools_.storage);
  return read_from(tools_.storage, [&](repositories& tables) -> base::result<usage_summary> {
    HTTVPS_TRY(auto rows, tables.ledger.list(filter, page));
    HTTVPS_TRY(const auto total, total_of(tables, filter, page));
    HTTVPS_TRY(const auto held, tables.quarantine.total());
    return usage_summary{.rows = std::move(rows), .total = total, .quarantined = held};
  });
}

}
