#include "httvps/sdk/freeze_memory.hpp"

#include <algorithm>
#include <sstream>

namespace httvps::sdk {
namespace {

constexpr std::size_t freezes_kept = 8;

bool are_similar(base::byte_count left, base::byte_count right) {
  const auto low = std::min(left, right);
  const auto high = std::max(left, right);
  return high - low <= low / 4 + base::kibibyte;
}

std::int64_t seconds_of(base::system_time moment) {
  return std::chrono::duration_cast<std::chrono::seconds>(moment.time_since_epoch()).count();
}

}

void freeze_memory::known_network::note(noted_freeze fresh) {
  learnt_at = budget == 0 ? fresh.at : learnt_at;
  auto smallest = fresh.received;
  bool seen_before = false;
  for (const auto& earlier : freezes) {
    if (are_similar(earlier.received, fresh.received)) {
      smallest = std::min(smallest, earlier.received);
      seen_before = true;
    }
  }
  freezes.push_back(fresh);
  if (freezes.size() > freezes_kept) {
    freezes.erase(freezes.begin());
  }
  if (seen_before) {
    const auto found = std::max(smallest * 9 / 10, budget_least);
    budget = budget == 0 ? found : std::min(budget, found);
    learnt_at = fresh.at;
  }
}

void freeze_memory::forget_expired(base::system_time now) {
  std::erase_if(networks_, [now](const auto& entry) {
    return now - entry.second.learnt_at >= budget_lifetime;
  });
  for (auto& [network, known] : networks_) {
    std::erase_if(known.freezes,
                  [now](const auto& earlier) { return now - earlier.at >= budget_lifetime; });
  }
}

void freeze_memory::make_room() {
  if (networks_.size() < remembered_networks_most) {
    return;
  }
  networks_.erase(std::ranges::min_element(
      networks_, {}, [](const auto& entry) { return entry.second.learnt_at; }));
}

void freeze_memory::note_freeze(const std::string& network, base::byte_count received,
                                base::system_time now) {
  if (received > frozen_bytes_most || received < budget_least) {
    return;
  }
  forget_expired(now);
  if (!networks_.contains(network)) {
    make_room();
  }
  networks_[network].note({.received = received, .at = now});
}

base::byte_count freeze_memory::budget(const std::string& network, base::system_time now) const {
  const auto found = networks_.find(network);
  const bool fresh = found != networks_.end() && now - found->second.learnt_at < budget_lifetime;
  return fresh ? found->second.budget : 0;
}

std::string freeze_memory::to_text(base::system_time now) const {
  std::ostringstream text;
  for (const auto& [network, known] : networks_) {
    if (budget(network, now) > 0) {
      text << network << ' ' << known.budget << ' ' << seconds_of(known.learnt_at) << '\n';
    }
  }
  return text.str();
}

freeze_memory freeze_memory::from_text(const std::string& text, base::system_time now) {
  freeze_memory memory;
  std::istringstream lines(text);
  std::string network;
  base::byte_count budget = 0;
  std::int64_t seconds = 0;
  while (lines >> network >> budget >> seconds &&
         memory.networks_.size() < remembered_networks_most) {
    const base::system_time learnt{std::chrono::seconds(seconds)};
    const bool plausible = budget >= budget_least && budget <= frozen_bytes_most && learnt <= now;
    if (plausible && now - learnt < budget_lifetime) {
      memory.networks_[network] = {.freezes = {}, .budget = budget, .learnt_at = learnt};
    }
  }
  return memory;
}

}
