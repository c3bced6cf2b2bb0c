#include <algorithm>

#include "httvps/gateway/app/worker.hpp"
#include "httvps/net/task.hpp"

namespace httvps::gateway {
namespace {

constexpr int looks_an_age = 4;
constexpr std::size_t most_rotations = 1024;
constexpr base::duration pause_after_failure = std::chrono::seconds(1);

bool uses_a_node(const session_terms& terms) noexcept {
  return terms.nodes.first != nullptr && terms.admits == admission::everything;
}

}

void worker::heed_rotation(const recheck_order& rotated) {
  const auto now = base::real_clock().steady_now();
  if (rotated.changed && rotated_at_.size() < most_rotations) {
    for (const auto& node : *rotated.changed) {
      rotated_at_.insert_or_assign(node, now);
    }
  } else {
    all_rotated_at_ = now;
    rotated_at_.clear();
  }
  rotation_.notify();
}

base::steady_time worker::key_is_old_before(const std::string& node) const {
  const auto old = base::real_clock().steady_now() - plan_.settings.node_key_age;
  const auto rotated = rotated_at_.find(node);
  const auto since = rotated != rotated_at_.end() ? rotated->second : all_rotated_at_;
  return std::max(old, since);
}

std::map<std::string, worker::key_holder> worker::holders_of_old_keys() {
  std::map<std::string, key_holder> holders;
  std::map<std::string, std::uint64_t> seen;
  sessions_.for_each([&](hosted_session& session) {
    const auto& terms = session.terms();
    if (!uses_a_node(terms)) {
      return;
    }
    for (const auto& node : {terms.nodes.first, terms.nodes.reserve}) {
      if (node && desk_->nodes().is_older(node->id(), key_is_old_before(node->id())) &&
          base::secure_random().below(++seen[node->id()]) == 0) {
        holders[node->id()] = {.device_id = terms.device_id, .token = terms.token};
      }
    }
  });
  return holders;
}

net::task<bool> worker::renew_old_keys() {
  bool all_renewed = true;
  for (const auto& [node, holder] : holders_of_old_keys()) {
    auto device = holder.device_id;
    auto token = holder.token;
    const auto renewed = co_await desk_->judge().renew_node(std::move(device), std::move(token));
    if (!renewed) {
      plan_.log.warn("node_key_not_renewed", {{"node_id", node}, {"outcome", renewed.error()}});
      all_renewed = false;
    }
  }
  co_return all_renewed;
}

net::task<> worker::renew_keys() {
  const base::duration usual = plan_.settings.node_key_age / looks_an_age;
  auto pause = usual;
  while (!scope_.is_cancelled()) {
    static_cast<void>(co_await rotation_.wait(base::real_clock().steady_now() + pause));
    HTTVPS_CO_TRY(const bool all_renewed, co_await renew_old_keys());
    pause = all_renewed ? usual : std::min(usual, pause_after_failure);
  }
  co_return base::result<void>();
}

}
