#pragma once

#include <boost/describe/enum.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/backend/selection/member.hpp"

namespace httvps::backend::selection {

inline constexpr std::chrono::seconds sweep_interval{1};
inline constexpr std::chrono::minutes typical_lease{15};
inline constexpr double sticky_share = 0.5;
inline constexpr std::size_t most_candidates = 3;
inline constexpr std::size_t most_events = 1024;

enum class drain_rule { leaves_out, presumes_fit };

struct choice_request {
  std::string region;
  std::string key;
  std::optional<std::string> held;
  std::optional<std::vector<std::string>> granted;
  drain_rule draining = drain_rule::leaves_out;
};

struct ranking_request {
  std::string_view region;
  std::string_view key;
  drain_rule draining = drain_rule::leaves_out;
};

struct ranked_member {
  std::string id;
  std::string domain;
  double score = 0;
};

enum class choice_reason { kept, running_out, first, unhealthy, ejected, outweighed, withdrawn };
BOOST_DESCRIBE_ENUM(choice_reason, kept, running_out, first, unhealthy, ejected, outweighed,
                    withdrawn)

struct choice {
  std::vector<std::string> members;
  choice_reason reason = choice_reason::first;
};

base::duration lease_length(std::uint64_t random) noexcept;

class member_pool {
 public:
  member_pool();
  member_pool(const member_pool&) = delete;
  member_pool& operator=(const member_pool&) = delete;
  ~member_pool();

  void put(const member& one, base::steady_time now);
  void remove(std::string_view id);
  void expect_heartbeats(std::string_view id, base::steady_time now);
  bool note_heartbeat(std::string_view id, const load_sample& load, base::steady_time now);
  bool note_outcome(const connect_outcome& seen, base::steady_time now);
  void advance(base::steady_time now);

  std::optional<choice> preview(const choice_request& wanted) const;
  std::optional<choice> choose(const choice_request& wanted);
  std::vector<ranked_member> rank(const ranking_request& wanted) const;

  std::optional<standing> find(std::string_view id) const;
  std::vector<standing> standings(std::string_view region) const;
  std::vector<region_standing> regions() const;
  std::vector<pool_event> take_events();

 private:
  struct state;

  std::unique_ptr<state> state_;
};

}
