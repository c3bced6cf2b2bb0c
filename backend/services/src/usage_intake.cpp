#include "usage_intake.hpp"

#include <set>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/failpoints.hpp"
#include "proven_holder.hpp"
#include "usage_posting.hpp"

namespace httvps::backend::services {
namespace {

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

base::result<> write_down(repositories& tables, const accepted_usage& accepted,
                          const std::string& digest) {
  return tables.journal.insert({.gateway = accepted.name.epoch.gateway,
                                .epoch = accepted.name.epoch.epoch,
                                .seq = accepted.name.seq,
                                .digest = digest,
                                .rows = static_cast<std::uint32_t>(accepted.lines.size()),
                                .received_at = accepted.received_at});
}

base::result<usage_receipt> journal(repositories& tables, const service_tools& tools,
                                    const accepted_usage& accepted, const std::string& digest) {
  usage_receipt receipt;
  HTTVPS_CHECK(usage_failpoint::pass(usage_failpoint::before_journal));
  HTTVPS_CHECK(write_down(tables, accepted, digest));
  if (tools.storage.schema_version() < unposted_usage_schema) {
    HTTVPS_TRY(receipt.posted, post_lines(tables, tools, accepted));
  } else {
    HTTVPS_CHECK(tables.unposted.insert(accepted));
  }
  HTTVPS_CHECK(usage_failpoint::pass(usage_failpoint::after_journal));
  return receipt;
}

}

accepted_usage accept(const service_tools& tools, const models::gateway& gateway,
                      const usage_report& report) {
  accepted_usage accepted{
      .name = {.epoch = {.gateway = gateway.id, .epoch = report.epoch}, .seq = report.seq},
      .received_at = tools.clock.system_now(),
      .lines = {}};
  accepted.lines.reserve(report.lines.size());
  std::set<std::uint64_t> proven;
  for (const auto& line : report.lines) {
    auto& made = accepted.lines.emplace_back(accepted_line{.session = line.session,
                                                           .node = line.node,
                                                           .counted = line.counted,
                                                           .is_final = line.is_final});
    if (line.token && !proven.contains(line.session)) {
      made.holder = proven_holder(tools, gateway.id, *line.token);
    }
    if (made.holder) {
      proven.insert(line.session);
    }
  }
  return accepted;
}

base::result<usage_receipt> take_in(repositories& tables, const service_tools& tools,
                                    const accepted_usage& accepted, const std::string& digest) {
  const auto& epoch = accepted.name.epoch;
  HTTVPS_CHECK(hold_epoch(tables, tools, epoch));
  HTTVPS_TRY(const bool repeated, was_reported(tables, accepted.name, digest));
  usage_receipt receipt{.novelty = report_novelty::repeated};
  if (!repeated) {
    HTTVPS_TRY(receipt, journal(tables, tools, accepted, digest));
  }
  HTTVPS_TRY(receipt.acknowledged, acknowledge_epoch(tables, epoch));
  HTTVPS_CHECK(usage_failpoint::pass(usage_failpoint::before_commit));
  return receipt;
}

}
