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

struct gateway_fleet_size {
  std::size_t regions = 10;
  std::size_t gateways = 200;
  std::size_t devices = 100'000;
};

struct sim_gateway {
  std::string id;
  std::size_t region = 0;
  bool is_alive = true;
  std::uint64_t sessions = 0;
  std::uint64_t enrolled = 0;
  std::uint64_t next_beat = 0;
  std::uint64_t overloaded_for = 0;
};

struct gateway_user {
  std::string id;
  std::size_t region = 0;
  std::vector<std::size_t> told;
  std::size_t serving = SIZE_MAX;
  std::uint64_t lease_ends = 0;
  std::uint64_t leaves = 0;
  std::uint32_t life = 0;
  bool was_moved = false;

  bool is_online() const noexcept { return serving != SIZE_MAX; }
};

class gateway_fleet {
 public:
  gateway_fleet(const gateway_fleet_size& size, std::uint64_t seed);

  void run_for(std::uint64_t seconds, const std::function<void()>& each_second = {});
  sim_gateway& gateway(std::size_t index) { return gateways_[index]; }
  std::size_t gateways_a_region() const noexcept { return size_.gateways / size_.regions; }
  std::uint64_t kill(std::size_t index);
  void revive(std::size_t index);
  void start_counting();
  std::uint64_t moved() const;
  double mean_load(std::size_t region) const;
  double mean_enrolled(std::size_t region) const;
  double highest_load_over_mean() const;
  std::uint64_t longest_overload() const noexcept { return longest_overload_; }
  std::uint64_t enrolments() const noexcept { return enrolments_; }
  std::uint64_t refusals() const noexcept { return refusals_; }

 private:
  void build_gateways();
  void build_users();
  void beat();
  void note_overload();
  void wake_users();
  void wake(std::size_t index);
  void arrive(gateway_user& user);
  void leave(gateway_user& user);
  void enrol(gateway_user& user);
  void ask(gateway_user& user);
  void dial(gateway_user& user);
  void hang_up(gateway_user& user);
  bool take(gateway_user& user, const std::optional<std::string>& held);
  void schedule(std::size_t index, std::uint64_t at) { due_[at].push_back(index); }
  std::uint64_t next_turn(const gateway_user& user) const;
  std::uint64_t exponential(double mean);
  std::size_t first_in(std::size_t region) const noexcept { return region * gateways_a_region(); }
  base::steady_time now() const { return base::steady_time{std::chrono::seconds(second_)}; }

  gateway_fleet_size size_;
  base::seeded_random random_;
  std::uint64_t second_ = 1000;
  backend::selection::member_pool pool_;
  std::vector<sim_gateway> gateways_;
  std::vector<gateway_user> users_;
  std::vector<std::string> region_names_;
  std::unordered_map<std::string, std::size_t> index_;
  std::map<std::uint64_t, std::vector<std::size_t>> due_;
  std::uint64_t longest_overload_ = 0;
  std::uint64_t enrolments_ = 0;
  std::uint64_t refusals_ = 0;
};

}
