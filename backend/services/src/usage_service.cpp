#include "httvps/backend/services/usage_service.hpp"

#include <fmt/format.h>

#include <map>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/issued_secret.hpp"
#include "httvps/backend/services/quota_service.hpp"

namespace httvps::backend::services {
namespace {

struct billing {
  base::system_time period;
  bool has_quota = false;
};

class usage_posting {
 public:
  usage_posting(repositories& tables, const service_tools& tools, const models::gateway& gateway)
      : tables_(tables), tools_(tools), gateway_(gateway), now_(tools.clock.system_now()) {}

  base::result<> post(const std::string& epoch, const usage_report_line& line);
  const usage_receipt& receipt() const noexcept { return receipt_; }

 private:
  base::result<std::optional<models::usage_session>> attribute(const models::session_key& key,
                                                               const usage_report_line& line);
  base::result<std::optional<models::usage_session>> open_session(const models::session_key& key,
                                                                  const std::string& token);
  base::result<> release_quarantine(const models::usage_session& session);
  base::result<> quarantine(const models::session_key& key, const usage_report_line& line);
  base::result<> count(const models::usage_session& session, const models::node_id& node,
                       const models::traffic& counted);
  base::result<> add(const models::usage_session& session, const models::node_id& node,
                     const models::traffic& grown);
  base::result<billing> billing_of(const models::subscription_id& subscription);

  repositories& tables_;
  const service_tools& tools_;
  const models::gateway& gateway_;
  base::system_time now_;
  usage_receipt receipt_;
  std::map<models::subscription_id, billing> billings_;
};

base::result<billing> usage_posting::billing_of(const models::subscription_id& subscription) {
  if (const auto known = billings_.find(subscription); known != billings_.end()) {
    return known->second;
  }
  HTTVPS_TRY(const auto subject,
             required(tables_.subscriptions.find(subscription), errc::subscription_not_found));
  HTTVPS_TRY(const auto terms, required(tables_.plans.find(subject.plan), errc::plan_not_found));
  const billing found{.period = models::period_start(terms.reset, subject.starts_at, now_),
                      .has_quota = terms.quota_bytes.has_value()};
  billings_.emplace(subscription, found);
  return found;
}

base::result<> usage_posting::add(const models::usage_session& session, const models::node_id& node,
                                  const models::traffic& grown) {
  if (grown == models::traffic{}) {
    return {};
  }
  HTTVPS_TRY(const auto terms, billing_of(session.subscription));
  receipt_.added.up += grown.up;
  receipt_.added.down += grown.down;
  if (terms.has_quota) {
    HTTVPS_CHECK(tables_.quota_leases.roll_up(
        {.name = {.epoch = {.gateway = session.key.gateway, .epoch = session.key.epoch},
                  .subscription = session.subscription},
         .added = grown.total(),
         .at = now_}));
  }
  return tables_.ledger.add({.day = models::day_of(now_),
                             .device = session.device,
                             .node = node,
                             .subscription = session.subscription,
                             .period = terms.period,
                             .added = grown});
}

base::result<> usage_posting::count(const models::usage_session& session,
                                    const models::node_id& node, const models::traffic& counted) {
  HTTVPS_TRY(const auto stored,
             tables_.session_traffic.find({.session = session.key, .node = node}));
  const auto before = stored.value_or(models::traffic{});
  if (models::went_down(before, counted)) {
    ++receipt_.went_down;
  }
  const auto grown = models::growth(before, counted);
  if (stored && grown == models::traffic{}) {
    return {};
  }
  HTTVPS_CHECK(tables_.session_traffic.save(
      {.key = session.key, .node = node, .counted = models::highest(before, counted)}));
  return add(session, node, grown);
}

base::result<> usage_posting::release_quarantine(const models::usage_session& session) {
  HTTVPS_TRY(const auto held, tables_.quarantine.find(session.key));
  for (const auto& one : held) {
    HTTVPS_CHECK(count(session, one.node, one.counted));
  }
  return held.empty() ? base::result<>{} : tables_.quarantine.remove(session.key);
}

base::result<std::optional<models::usage_session>> usage_posting::open_session(
    const models::session_key& key, const std::string& token) {
  const auto proven = tools_.authority.verify_token(token, identity::expiry_grace::renewal());
  if (!proven || !proven->claims.allows_gateway(gateway_.id.text())) {
    return std::optional<models::usage_session>();
  }
  const auto device = models::device_id::trusted(proven->claims.device_id);
  HTTVPS_TRY(const auto known, tables_.devices.find(device));
  if (!known) {
    return std::optional<models::usage_session>();
  }
  const models::usage_session session{
      .key = key, .device = device, .subscription = known->subscription, .opened_at = now_};
  HTTVPS_CHECK(tables_.usage_sessions.insert(session));
  HTTVPS_CHECK(release_quarantine(session));
  return std::optional(session);
}

base::result<std::optional<models::usage_session>> usage_posting::attribute(
    const models::session_key& key, const usage_report_line& line) {
  HTTVPS_TRY(auto known, tables_.usage_sessions.find(key));
  if (known || !line.token) {
    return known;
  }
  return open_session(key, *line.token);
}

base::result<> usage_posting::quarantine(const models::session_key& key,
                                         const usage_report_line& line) {
  ++receipt_.quarantined;
  return tables_.quarantine.raise({.key = key, .node = line.node, .counted = line.counted});
}

base::result<> usage_posting::post(const std::string& epoch, const usage_report_line& line) {
  const models::session_key key{.gateway = gateway_.id, .epoch = epoch, .number = line.session};
  HTTVPS_TRY(const auto session, attribute(key, line));
  HTTVPS_TRY(const auto node, tables_.nodes.find(line.node));
  if (!session || !node) {
    return quarantine(key, line);
  }
  return count(*session, line.node, line.counted);
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
  return known.has_value();
}

struct received_batch {
  const models::gateway& gateway;
  const usage_report& report;
  const std::string& digest;
};

base::result<usage_receipt> post_batch(repositories& tables, const service_tools& tools,
                                       const received_batch& received) {
  const auto& [gateway, batch, digest] = received;
  HTTVPS_TRY(const auto acked,
             tables.journal.acked_through({.gateway = gateway.id, .epoch = batch.epoch}));
  if (batch.seq > furthest_sequence && batch.seq - furthest_sequence > acked) {
    return base::fail(errc::sequence_too_far);
  }
  usage_posting posting(tables, tools, gateway);
  for (const auto& line : batch.lines) {
    HTTVPS_CHECK(posting.post(batch.epoch, line));
  }
  HTTVPS_CHECK(settle_dead_epochs(tables, {.gateway = gateway.id, .epoch = batch.epoch},
                                  tools.clock.system_now()));
  HTTVPS_CHECK(tables.journal.insert({.gateway = gateway.id,
                                      .epoch = batch.epoch,
                                      .seq = batch.seq,
                                      .digest = digest,
                                      .rows = static_cast<std::uint32_t>(batch.lines.size()),
                                      .quarantined = posting.receipt().quarantined,
                                      .received_at = tools.clock.system_now()}));
  return posting.receipt();
}

}

std::string digest_of(const usage_report& batch) {
  std::string canonical = fmt::format("{}/{}\n", batch.epoch, batch.seq);
  for (const auto& line : batch.lines) {
    fmt::format_to(std::back_inserter(canonical), "{} {} {} {} {}\n", line.session,
                   line.node.text(), line.counted.up, line.counted.down, line.token.value_or("-"));
  }
  return hash_secret(canonical);
}

base::result<usage_receipt> usage_service::report(const models::gateway& gateway,
                                                  const usage_report& batch) const {
  const auto digest = digest_of(batch);
  const epoch_name epoch{.gateway = gateway.id, .epoch = batch.epoch};
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<usage_receipt> {
    HTTVPS_TRY(const bool repeated,
               was_reported(tables, {.epoch = epoch, .seq = batch.seq}, digest));
    usage_receipt receipt{.novelty = report_novelty::repeated};
    if (!repeated) {
      const received_batch received{.gateway = gateway, .report = batch, .digest = digest};
      HTTVPS_TRY(receipt, post_batch(tables, tools_, received));
    }
    HTTVPS_TRY(receipt.acknowledged, acknowledge_epoch(tables, epoch));
    return receipt;
  });
}

base::result<usage_summary> usage_service::summary(const usage_filter& filter,
                                                   const models::page_request& wanted) const {
  return read_from(tools_.storage, [&](repositories& tables) -> base::result<usage_summary> {
    HTTVPS_TRY(auto rows, tables.ledger.list(filter, wanted));
    HTTVPS_TRY(const auto total, tables.ledger.total(filter));
    HTTVPS_TRY(const auto held, tables.quarantine.total());
    return usage_summary{.rows = std::move(rows), .total = total, .quarantined = held};
  });
}

}
