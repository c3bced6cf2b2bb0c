#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/backend/selection/member_pool.hpp"
#include "httvps/backend/selection/place.hpp"
#include "httvps/backend/services/store.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::backend::services {

inline constexpr std::chrono::seconds fleet_refresh{2};
inline constexpr std::chrono::seconds heartbeat_flush{5};

inline constexpr std::chrono::hours keys_outlive_silence{24};
inline constexpr std::chrono::minutes fleet_settling{10};

enum class fleet_side { nodes, gateways };

using fleet_watch = std::function<void(fleet_side, const selection::pool_event&)>;

struct fleet_order {
  models::gateway_id gateway;
  models::device_id device;
  std::string region;
  std::vector<std::string> others;
  std::optional<models::node_id> held;
  std::optional<std::vector<models::node_id>> open = std::nullopt;
};

struct fleet_choice {
  std::string region;
  std::vector<models::node_id> nodes;
  selection::choice_reason reason = selection::choice_reason::first;
};

struct candidate_view {
  selection::standing standing;
  bool is_granted = true;
};

struct gateway_order {
  std::string device;
  std::string region;
  std::string wanted_region;
  std::optional<std::string> held;
  std::vector<std::string> regions;
  selection::drain_rule draining = selection::drain_rule::leaves_out;
};

struct gateway_choice {
  std::string region;
  std::vector<std::string> gateways;
  selection::choice_reason reason = selection::choice_reason::first;
};

struct gateway_explanation {
  gateway_choice choice;
  std::vector<selection::standing> candidates;
  std::vector<models::gateway_id> told = {};
};

struct fleet_explanation {
  std::optional<fleet_choice> choice;
  std::vector<candidate_view> candidates;
  std::vector<selection::region_standing> regions;
};

class node_fleet {
 public:
  node_fleet(store& storage, const base::clock& clock) : storage_(storage), clock_(clock) {}
  node_fleet(const node_fleet&) = delete;
  node_fleet& operator=(const node_fleet&) = delete;

  void set_watch(fleet_watch watch);

  base::result<> note_heartbeat(std::string_view owner, const models::heartbeat& beat);
  base::result<> note_outcomes(const models::gateway& gateway,
                               std::span<const selection::connect_outcome> seen);
  base::result<> refresh(repositories& tables);
  void expire();

  std::optional<fleet_choice> choose(const fleet_order& order);
  fleet_explanation explain(const fleet_order& order);
  std::optional<selection::standing> find(std::string_view member);
  bool is_fit_gateway(std::string_view gateway);
  gateway_choice choose_gateways(const gateway_order& order);
  gateway_choice preview_gateways(const gateway_order& order);
  gateway_explanation explain_gateways(const gateway_order& order);
  std::optional<models::heartbeat> heartbeat_of(std::string_view owner) const;
  std::vector<selection::standing> standings(fleet_side side);
  base::duration longest_silence(fleet_side side);
  std::vector<selection::region_standing> regions();
  std::set<std::string, std::less<>> regions_with_healthy_nodes();
  std::vector<key_place> key_places() const;
  std::vector<models::node_id> granted_to(std::string_view gateway) const;
  std::set<models::gateway_id> long_silent_gateways();
  std::vector<models::node_id> nodes_without_key(const fleet_order& order);

 private:
  struct heard {
    models::heartbeat beat;
    bool is_unsaved = false;
  };
  struct catalogue {
    std::vector<models::region> regions;
    std::vector<models::node> nodes;
    std::vector<models::gateway> gateways;
    std::vector<owned_heartbeat> beats;
    std::vector<node_revision> keyrings;
  };

  base::result<catalogue> load(repositories& tables) const;
  void take_in(const catalogue& found);
  void take_in_regions(const std::vector<models::region>& regions);
  void take_in_nodes(const std::vector<models::node>& nodes);
  void take_in_gateways(const std::vector<models::gateway>& gateways);
  void plan_grants(const catalogue& found);
  void hear_again(const std::vector<std::string>& known);
  void hear_others(const std::vector<owned_heartbeat>& beats);
  void hear(std::string_view owner, const models::heartbeat& beat, base::steady_time heard_at);
  base::steady_time moment_of(const models::heartbeat& beat) const;
  void advance();
  void tell(fleet_side side, selection::member_pool& pool);
  std::vector<selection::standing> standings_now(fleet_side side);
  std::set<models::gateway_id> long_silent_now() const;
  std::vector<owned_heartbeat> take_unsaved();
  base::result<> flush();
  std::optional<std::vector<std::string>> grants_of(const fleet_order& order,
                                                    const std::string& region) const;
  bool is_open(const fleet_order& order, const std::string& node) const;
  std::optional<std::string> region_for(const fleet_order& order) const;
  selection::choice_request request_for(const fleet_order& order, const std::string& region) const;
  std::optional<selection::coordinates> place_of(const std::string& region) const;
  std::string first_region_for(const gateway_order& order) const;
  std::vector<std::string> regions_from(const std::string& start, const gateway_order& order) const;
  std::vector<std::string> spread(const gateway_order& order, const gateway_choice& made) const;
  template <typename Pick>
  gateway_choice pick_gateways(const gateway_order& order, Pick pick);

  store& storage_;
  const base::clock& clock_;
  fleet_watch watch_;
  mutable std::mutex mutex_;
  selection::member_pool nodes_;
  selection::member_pool gateways_;
  std::map<std::string, heard, std::less<>> heard_;
  std::map<std::string, std::vector<std::string>> grants_;
  std::map<std::string, std::string> region_of_gateway_;
  std::map<std::string, std::vector<std::string>> nodes_in_;
  std::map<std::string, selection::coordinates> places_;
  std::vector<std::string> known_;
  std::vector<std::string> grant_basis_;
  std::set<std::string, std::less<>> keyed_;
  base::steady_time begun_at_{};
  base::steady_time refreshed_at_{};
  base::steady_time flushed_at_{};
  base::system_time seen_until_{};
};

}
