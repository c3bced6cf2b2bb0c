#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "httvps/backend/selection/member_pool.hpp"
#include "httvps/base/random.hpp"

namespace httvps::sim {

namespace selection = backend::selection;

inline constexpr std::size_t nobody = SIZE_MAX;

struct fleet_size {
  std::size_t regions = 10;
  std::size_t gateways = 200;
  std::size_t nodes = 1000;
  std::size_t devices = 100'000;
};

struct fleet_node {
  std::string id;
  std::size_t region = 0;
  bool is_alive = true;
  bool is_heard = true;
  bool takes_connects = true;
  std::uint64_t sessions = 0;
  std::uint64_t assigned = 0;
  std::uint64_t next_beat = 0;
  std::uint64_t overloaded_for = 0;
};

struct fleet_gateway {
  std::string id;
  std::size_t region = 0;
  std::vector<std::string> granted;
  std::uint64_t sessions = 0;
};

struct fleet_device {
  std::string id;
  std::size_t region = 0;
  std::size_t gateway = nobody;
  std::size_t primary = nobody;
  std::size_t serving = nobody;
  std::vector<std::size_t> candidates;
  std::uint64_t lease_ends = 0;
  std::uint64_t leaves = 0;
  bool is_online = false;
  bool was_moved = false;
};

class fleet {
 public:
  fleet(const fleet_size& size, std::uint64_t seed);

  void run_for(std::uint64_t seconds, const std::function<void()>& each_second = {});
  std::size_t node_of(std::size_t region, std::size_t index) const;
  std::size_t nodes_a_region() const noexcept { return size_.nodes / size_.regions; }
  fleet_node& node(std::size_t index) { return nodes_[index]; }
  std::uint64_t kill(std::size_t index);
  void revive(std::size_t index);
  void start_counting_moves();
  std::uint64_t moved_devices() const;
  std::uint64_t moved_devices_in(std::size_t region) const;
  void start_counting_assignments();

  double mean_load(std::size_t region) const;
  double highest_load_over_mean() const;
  std::size_t count(std::size_t region, selection::obstacle unfit) const;
  bool is_panicking(std::size_t region) const;
  std::uint64_t longest_overload() const noexcept { return longest_overload_; }
  void start_counting_overload();
  std::uint64_t decisions() const noexcept { return decisions_; }
  std::uint64_t refusals() const noexcept { return refusals_; }
  std::uint64_t online() const noexcept { return online_; }

 private:
  void build_nodes();
  void build_gateways();
  void build_devices();
  void grant();
  void beat();
  void report_connects();
  void note_overload();
  void wake_devices();
  void wake(std::size_t index);
  void schedule(std::size_t index, std::uint64_t at);
  void arrive(std::size_t index);
  void leave(std::size_t index);
  void ask(std::size_t index);
  void serve(fleet_device& device);
  void schedule_next(std::size_t index);
  double uniform();
  std::uint64_t exponential(double mean);
  base::steady_time now() const;

  fleet_size size_;
  base::seeded_random random_;
  std::uint64_t second_ = 1000;
  selection::member_pool gateway_pool_;
  selection::member_pool node_pool_;
  std::vector<fleet_node> nodes_;
  std::vector<fleet_gateway> gateways_;
  std::vector<fleet_device> devices_;
  std::vector<std::string> region_names_;
  std::unordered_map<std::string, std::size_t> node_index_;
  std::unordered_map<std::string, std::size_t> gateway_index_;
  std::map<std::uint64_t, std::vector<std::size_t>> due_;
  std::uint64_t longest_overload_ = 0;
  std::uint64_t decisions_ = 0;
  std::uint64_t refusals_ = 0;
  std::uint64_t online_ = 0;
};

}
