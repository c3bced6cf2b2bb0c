#include "httvps/gateway/app/worker.hpp"
#include "httvps/net/task.hpp"

namespace httvps::gateway {
namespace {

constexpr int looks_an_age = 4;

bool uses_a_node(const session_terms& terms) noexcept {
  return terms.nodes.first != nullptr && terms.admits == admission::everything;
}

}

std::map<std::string, worker::key_holder> worker::holders_of_old_keys() {
  const auto old = base::real_clock().steady_now() - plan_.settings.node_key_age;
  std::map<std::string, key_holder> holders;
  std::map<std::string, std::uint64_t> seen;
  sessions_.for_each([&](hosted_session& session) {
    const auto& terms = session.terms();
    if (!uses_a_node(terms)) {
      return;
    }
    for (const auto& node : {terms.nodes.first, terms.nodes.reserve}) {
      if (node && desk_->nodes().is_older(node->id(), old) &&
          base::secure_random().below(++seen[node->id()]) == 0) {
        holders[node->id()] = {.device_id = terms.device_id, .token = terms.token};
      }
    }
  });
  return holders;
}

net::task<> worker::renew_keys() {
  const base::duration pause = plan_.settings.node_key_age / looks_an_age;
  while (!scope_.is_cancelled()) {
    HTTVPS_CO_CHECK(co_await net::sleep_until(base::real_clock().steady_now() + pause));
    for (const auto& [node, holder] : holders_of_old_keys()) {
      auto device = holder.device_id;
      auto token = holder.token;
      const auto renewed = co_await desk_->judge().renew_node(std::move(device), std::move(token));
      if (!renewed) {
        plan_.log.warn("node_key_not_renewed", {{"node_id", node}, {"outcome", renewed.error()}});
      }
    }
  }
  co_return base::result<void>();
}

}
