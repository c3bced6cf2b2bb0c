#include "usage_posting.hpp"

#include <set>
#include <tuple>

namespace httvps::backend::services {
namespace {

session_numbers numbers_of(const accepted_usage& batch) {
  std::set<std::uint64_t> numbers;
  for (const auto& line : batch.lines) {
    numbers.insert(line.session);
  }
  return {numbers.begin(), numbers.end()};
}

}

base::result<> usage_posting::load_sessions(const session_numbers& numbers) {
  HTTVPS_TRY(const auto found, tables_.usage_sessions.find(
                                   epoch_, {.numbers = numbers, .at = received_.received_at}));
  for (const auto& each : found) {
    sessions_.emplace(each.session.key.number, each);
  }
  return {};
}

usage_posting::holder_map usage_posting::holders_of_unknown() const {
  holder_map holders;
  for (const auto& line : received_.lines) {
    if (line.holder && !sessions_.contains(line.session)) {
      holders.try_emplace(line.session, *line.holder);
    }
  }
  return holders;
}

base::result<std::optional<models::usage_session>> usage_posting::session_for(
    std::uint64_t number, const models::device_id& holder) {
  HTTVPS_TRY(const auto known, tables_.devices.find(holder));
  if (!known) {
    return std::optional<models::usage_session>();
  }
  return std::optional(models::usage_session{
      .key = {.gateway = epoch_.gateway, .epoch = epoch_.epoch, .number = number},
      .device = holder,
      .subscription = known->subscription,
      .opened_at = received_.received_at});
}

base::result<bool> usage_posting::is_closed() {
  return tools_.storage.schema_version() < epoch_schema ? base::result<bool>(false)
                                                        : tables_.epochs.is_closed(epoch_);
}

base::result<> usage_posting::leave_out_pruned(holder_map& holders) {
  if (holders.empty() || tools_.storage.schema_version() < ended_session_schema) {
    return {};
  }
  session_numbers numbers;
  for (const auto& [number, holder] : holders) {
    numbers.push_back(number);
  }
  HTTVPS_TRY(const auto pruned, tables_.epochs.pruned_among(epoch_, numbers));
  for (const auto number : pruned) {
    holders.erase(number);
  }
  return {};
}

base::result<> usage_posting::end_sessions() {
  if (tools_.storage.schema_version() < ended_session_schema) {
    return {};
  }
  std::map<std::uint64_t, models::usage_session> ended;
  for (const auto& line : received_.lines) {
    const auto known = sessions_.find(line.session);
    if (line.is_final && known != sessions_.end()) {
      ended.emplace(line.session, known->second.session);
    }
  }
  std::vector<models::usage_session> all;
  all.reserve(ended.size());
  for (auto& [number, session] : ended) {
    all.push_back(std::move(session));
  }
  return tables_.usage_sessions.end(all, received_.received_at);
}

base::result<> usage_posting::open_sessions() {
  auto holders = holders_of_unknown();
  HTTVPS_CHECK(leave_out_pruned(holders));
  if (holders.empty()) {
    return {};
  }
  HTTVPS_TRY(const bool closed, is_closed());
  if (closed) {
    return {};
  }
  std::vector<models::usage_session> fresh;
  for (const auto& [number, holder] : holders) {
    HTTVPS_TRY(auto session, session_for(number, holder));
    if (session) {
      opened_.push_back(number);
      fresh.push_back(*std::move(session));
    }
  }
  HTTVPS_CHECK(tables_.usage_sessions.insert(fresh));
  return load_sessions(opened_);
}

base::result<> usage_posting::load_counters(const session_numbers& numbers) {
  HTTVPS_TRY(const auto found, tables_.session_traffic.find(epoch_, numbers));
  for (const auto& each : found) {
    counters_.emplace(counter_name(each.key.number, each.node),
                      counter{.counted = each.counted, .is_stored = true});
  }
  return {};
}

base::result<bool> usage_posting::is_known(const models::node_id& node) {
  if (const auto judged = nodes_.find(node); judged != nodes_.end()) {
    return judged->second;
  }
  HTTVPS_TRY(const auto found, tables_.nodes.find(node));
  return nodes_.emplace(node, found.has_value()).first->second;
}

base::result<> usage_posting::release_held(const models::session_traffic& held) {
  HTTVPS_TRY(const bool known, is_known(held.node));
  if (!known) {
    return tables_.quarantine.raise(held);
  }
  count(held.key.number, held.node, held.counted);
  return {};
}

base::result<> usage_posting::release_held(const session_numbers& opened) {
  HTTVPS_TRY(const auto held, tables_.quarantine.find(epoch_, opened));
  for (const auto& one : held) {
    HTTVPS_CHECK(tables_.quarantine.remove(one.key));
  }
  for (const auto& one : held) {
    HTTVPS_CHECK(release_held(one));
  }
  return {};
}

void usage_posting::count(std::uint64_t number, const models::node_id& node,
                          const models::traffic& counted) {
  auto& known = counters_[{number, node}];
  const auto before = known.counted;
  if (models::went_down(before, counted)) {
    ++posted_.went_down;
  }
  const auto grown = models::growth(before, counted);
  if (known.is_stored && grown == models::traffic{}) {
    return;
  }
  known = {.counted = models::highest(before, counted), .is_stored = true, .is_changed = true};
  auto& sum = grown_[{number, node}];
  sum = models::saturating_sum(sum, grown);
  posted_.added.up += grown.up;
  posted_.added.down += grown.down;
}

base::result<> usage_posting::hold(const models::session_traffic& unattributed) {
  ++posted_.quarantined;
  return tables_.quarantine.raise(unattributed);
}

base::result<> usage_posting::post(const accepted_line& line) {
  HTTVPS_TRY(const bool known, is_known(line.node));
  if (!known || !sessions_.contains(line.session)) {
    return hold({.key = {.gateway = epoch_.gateway, .epoch = epoch_.epoch, .number = line.session},
                 .node = line.node,
                 .counted = line.counted});
  }
  count(line.session, line.node, line.counted);
  return {};
}

base::result<> usage_posting::save_counters() {
  std::vector<counted_path> changed;
  for (const auto& [name, known] : counters_) {
    if (known.is_changed) {
      changed.push_back({.number = name.first, .node = name.second, .counted = known.counted});
    }
  }
  return tables_.session_traffic.save(epoch_, changed);
}

base::result<> usage_posting::post() {
  const auto numbers = numbers_of(received_);
  HTTVPS_CHECK(load_sessions(numbers));
  HTTVPS_CHECK(open_sessions());
  HTTVPS_CHECK(load_counters(numbers));
  HTTVPS_CHECK(release_held(opened_));
  for (const auto& line : received_.lines) {
    HTTVPS_CHECK(post(line));
  }
  HTTVPS_CHECK(end_sessions());
  return save_counters();
}

std::vector<models::usage_delta> usage_posting::deltas() const {
  using owner = std::tuple<models::device_id, models::node_id, models::subscription_id>;
  std::map<owner, models::usage_delta> merged;
  const auto hour = models::hour_of(received_.received_at);
  for (const auto& [name, grown] : grown_) {
    if (grown == models::traffic{}) {
      continue;
    }
    const auto& [session, reset, anchor] = sessions_.at(name.first);
    auto& delta = merged[{session.device, name.second, session.subscription}];
    delta = {.hour = hour,
             .device = session.device,
             .node = name.second,
             .subscription = session.subscription,
             .period = models::period_start(reset, anchor, received_.received_at),
             .added = models::saturating_sum(delta.added, grown)};
  }
  std::vector<models::usage_delta> all;
  all.reserve(merged.size());
  for (auto& [owner_of, delta] : merged) {
    all.push_back(std::move(delta));
  }
  return all;
}

std::vector<rolled_share> usage_posting::quota_shares() const {
  std::map<models::subscription_id, base::byte_count> sums;
  for (const auto& [name, grown] : grown_) {
    const auto& subject = sessions_.at(name.first);
    if (grown != models::traffic{}) {
      auto& sum = sums[subject.session.subscription];
      sum = models::saturating_sum({.up = sum}, {.up = grown.total()}).up;
    }
  }
  std::vector<rolled_share> shares;
  shares.reserve(sums.size());
  for (const auto& [subscription, added] : sums) {
    shares.push_back({.subscription = subscription, .added = added});
  }
  return shares;
}

std::vector<models::period_share> shares_by_period(const std::vector<models::usage_delta>& deltas) {
  std::map<std::pair<models::subscription_id, base::system_time>, models::traffic> sums;
  for (const auto& delta : deltas) {
    auto& sum = sums[{delta.subscription, delta.period}];
    sum = models::saturating_sum(sum, delta.added);
  }
  std::vector<models::period_share> shares;
  shares.reserve(sums.size());
  for (const auto& [name, sum] : sums) {
    shares.push_back({.subscription = name.first, .period = name.second, .added = sum});
  }
  return shares;
}

std::vector<models::usage_row> shares_by_day(const std::vector<models::usage_delta>& deltas) {
  std::map<std::tuple<std::string, models::device_id, models::node_id>, models::traffic> sums;
  for (const auto& delta : deltas) {
    auto& sum = sums[{models::day_of_hour(delta.hour), delta.device, delta.node}];
    sum = models::saturating_sum(sum, delta.added);
  }
  std::vector<models::usage_row> shares;
  shares.reserve(sums.size());
  for (const auto& [name, sum] : sums) {
    shares.push_back({.day = std::get<0>(name),
                      .device = std::get<1>(name),
                      .node = std::get<2>(name),
                      .counted = sum});
  }
  return shares;
}

}
