#include "httvps/backend/services/managed_nodes.hpp"

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "httvps/backend/services/errc.hpp"
#include "key_issue.hpp"
#include "management_secret.hpp"

namespace httvps::backend::services {
namespace {

enum class rollout_step { unfinished, complete };

struct visit_end {
  const base::clock& clock;
  base::steady_time at;

  bool is_reached() const { return clock.steady_now() >= at; }
};

using managed_keys = std::vector<outline::managed_key>;

struct wanted_keys {
  std::set<std::string_view> names;
  std::optional<base::byte_count> limit;
};

wanted_keys wanted_of(const models::node& node, const std::vector<models::gateway_key>& listed) {
  wanted_keys wanted{.names = {}, .limit = node.key_limit_bytes};
  for (const auto& key : listed) {
    wanted.names.insert(key.id.text());
  }
  return wanted;
}

base::result<rollout_step> remove_unlisted(const outline::management_client& client,
                                           const managed_keys& there, const wanted_keys& wanted,
                                           const visit_end& end) {
  for (const auto& key : there) {
    if (!models::access_key_id::parse(key.id) || wanted.names.contains(key.id)) {
      continue;
    }
    const auto removed = client.remove_key(key.id);
    if (!removed && removed.error() != outline::errc::key_not_found) {
      return base::fail(removed.error());
    }
    if (end.is_reached()) {
      return rollout_step::unfinished;
    }
  }
  return rollout_step::complete;
}

base::result<rollout_step> limit_listed(const outline::management_client& client,
                                        const managed_keys& there, const wanted_keys& wanted,
                                        const visit_end& end) {
  for (const auto& key : there) {
    if (!wanted.names.contains(key.id) || key.data_limit == wanted.limit) {
      continue;
    }
    HTTVPS_CHECK(wanted.limit ? client.limit_key(key.id, *wanted.limit)
                              : client.unlimit_key(key.id));
    if (end.is_reached()) {
      return rollout_step::unfinished;
    }
  }
  return rollout_step::complete;
}

base::result<rollout_step> settle_present(const outline::management_client& client,
                                          const managed_keys& there, const wanted_keys& wanted,
                                          const visit_end& end) {
  HTTVPS_TRY(const auto step, remove_unlisted(client, there, wanted, end));
  return step == rollout_step::complete ? limit_listed(client, there, wanted, end) : step;
}

base::result<> create(const outline::management_client& client, const service_tools& tools,
                      const models::node& node, const models::gateway_key& key) {
  HTTVPS_TRY(auto secret, tools.cipher.open(secret_cell(key.id), key.sealed_secret));
  const auto made = client.create_key_as(key.id.text(), {.name = "httvps",
                                                         .method = key.method,
                                                         .password = std::move(secret),
                                                         .port = node.port,
                                                         .data_limit = node.key_limit_bytes});
  return made || made.error() == outline::errc::key_exists ? base::result<>()
                                                           : base::fail(made.error());
}

std::string reason_of(const base::error& failure) {
  return std::string(base::label_of(failure));
}

}

base::result<std::vector<managed_nodes::duty>> managed_nodes::due(repositories& tables) {
  HTTVPS_TRY(const auto rings, tables.keyrings.list_managed());
  const auto now = tools_.clock.steady_now();
  std::vector<duty> duties;
  for (const auto& ring : rings) {
    duty one{.node = {}, .ring = ring, .keys = {}};
    {
      const std::scoped_lock lock(mutex_);
      auto& pace = paces_[ring.node];
      if (pace.revision != ring.revision) {
        pace.revision = ring.revision;
        pace.next_try = now;
        pace.pause = managed_pause_least;
      }
      const bool is_behind =
          ring.rollout != models::rollout_state::running || ring.running_revision != ring.revision;
      one.is_rollout_due = is_behind && now >= pace.next_try;
      one.is_transfer_due = !is_behind && now >= pace.next_transfer;
    }
    if (one.is_rollout_due || one.is_transfer_due) {
      HTTVPS_TRY(one.node, required(tables.nodes.find(ring.node), errc::node_not_found));
      HTTVPS_TRY(one.keys, tables.gateway_keys.listed_by_node(ring.node));
      duties.push_back(std::move(one));
    }
  }
  return duties;
}

base::result<> managed_nodes::roll_out(const duty& one) const {
  HTTVPS_TRY(const auto client, open_management(tools_, one.ring, limits_.exchange));
  HTTVPS_TRY(const auto there, client.keys());
  const visit_end end{.clock = tools_.clock, .at = tools_.clock.steady_now() + limits_.visit};
  HTTVPS_TRY(auto step, settle_present(client, there, wanted_of(one.node, one.keys), end));
  if (step == rollout_step::unfinished) {
    return {};
  }
  key_acknowledgement told{.revision = one.ring.revision,
                           .verdict = rollout_verdict::running,
                           .reason = {},
                           .key_ids = {}};
  for (const auto& key : one.keys) {
    if (std::ranges::count(there, key.id.text(), &outline::managed_key::id) == 0) {
      HTTVPS_CHECK(create(client, tools_, one.node, key));
      step = rollout_step::unfinished;
      if (end.is_reached()) {
        return {};
      }
    }
    told.key_ids.push_back(key.id.text());
  }
  return step == rollout_step::complete ? keys_.acknowledge(one.node, told) : base::result<>();
}

base::result<> managed_nodes::read_transfer(const duty& one) const {
  HTTVPS_TRY(const auto client, open_management(tools_, one.ring, limits_.exchange));
  HTTVPS_TRY(const auto moved, client.transfer());
  const auto now = tools_.clock.system_now();
  std::vector<models::managed_transfer> read;
  for (const auto& key : one.keys) {
    if (const auto found = moved.find(key.id.text()); found != moved.end()) {
      read.push_back(
          {.node = one.node.id, .key = key.id, .transferred = found->second, .read_at = now});
    }
  }
  return tools_.storage.write([&](repositories& tables) -> base::result<> {
    for (const auto& each : read) {
      HTTVPS_CHECK(tables.key_counters.save_transfer(each));
    }
    return {};
  });
}

void managed_nodes::note(const duty& one, const base::result<>& outcome) {
  const auto now = tools_.clock.steady_now();
  const std::scoped_lock lock(mutex_);
  auto& pace = paces_[one.ring.node];
  if (one.is_transfer_due) {
    pace.next_transfer = now + transfer_interval;
  }
  if (one.is_rollout_due) {
    pace.pause = outcome ? managed_pause_least : std::min(pace.pause * 2, managed_pause_most);
    pace.next_try = now + pace.pause;
  }
}

void managed_nodes::look_after(const duty& one) {
  const auto outcome = one.is_rollout_due ? roll_out(one) : read_transfer(one);
  note(one, outcome);
  if (!outcome && one.is_rollout_due) {
    static_cast<void>(keys_.acknowledge(one.node, {.revision = one.ring.revision,
                                                   .verdict = rollout_verdict::failed,
                                                   .reason = reason_of(outcome.error()),
                                                   .key_ids = {}}));
  }
}

void managed_nodes::visit_all(const std::vector<duty>& duties) {
  std::atomic<std::size_t> next{0};
  std::vector<std::jthread> visitors;
  for (std::size_t i = 0; i < std::min(managed_at_once, duties.size()); ++i) {
    visitors.emplace_back([&] {
      for (auto at = next++; at < duties.size(); at = next++) {
        look_after(duties[at]);
      }
    });
  }
}

base::result<> managed_nodes::work() {
  if (!has_key_schema(tools_)) {
    return {};
  }
  HTTVPS_TRY(const auto duties,
             read_from(tools_.storage, [this](repositories& tables) { return due(tables); }));
  visit_all(duties);
  return {};
}

}
