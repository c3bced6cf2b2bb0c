#include "httvps/backend/services/usage_service.hpp"

#include <fmt/format.h>

#include "httvps/backend/services/failpoints.hpp"
#include "httvps/backend/services/issued_secret.hpp"
#include "usage_bounds.hpp"
#include "usage_intake.hpp"

namespace httvps::backend::services {
namespace {

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

void usage_service::hand_over(const batch_name& name, usage_receipt& receipt) const {
  if (tools_.postings != nullptr && tools_.postings->add(name)) {
    return;
  }
  if (auto posted = post_batch(tools_, name)) {
    receipt.posted = *posted;
  }
}

base::result<usage_receipt> usage_service::report(const models::gateway& gateway,
                                                  const usage_report& batch) const {
  const auto digest = digest_of(batch);
  const auto accepted = accept(tools_, gateway, batch);
  auto taken = note_in(tools_.storage, [&](repositories& tables) -> base::result<usage_receipt> {
    HTTVPS_CHECK(stay_within(bounds_, tables, tools_, accepted));
    return take_in(tables, tools_, accepted, digest);
  });
  HTTVPS_CHECK(usage_failpoint::pass(usage_failpoint::after_commit));
  if (taken && taken->novelty == report_novelty::fresh && !taken->posted) {
    hand_over(accepted.name, *taken);
  }
  return taken;
}

base::result<usage_sums> usage_service::sums_of(repositories& tables, const usage_filter& filter,
                                                const models::page_request& page) const {
  const auto now = tools_.clock.steady_now();
  const auto known = page.after.empty() ? std::nullopt : totals_->find(filter, now);
  if (known) {
    return *known;
  }
  usage_sums sums;
  HTTVPS_TRY(sums.total, tables.ledger.total(filter));
  HTTVPS_TRY(sums.quarantined, tables.quarantine.total());
  totals_->keep(filter, sums, now);
  return sums;
}

base::result<usage_summary> usage_service::summary(const usage_filter& wanted,
                                                   const models::page_request& page) const {
  const auto filter = filter_for(wanted, tools_.storage);
  return read_from(tools_.storage, [&](repositories& tables) -> base::result<usage_summary> {
    HTTVPS_TRY(auto rows, tables.ledger.list(filter, page));
    HTTVPS_TRY(const auto sums, sums_of(tables, filter, page));
    return usage_summary{
        .rows = std::move(rows), .total = sums.total, .quarantined = sums.quarantined};
  });
}

}
