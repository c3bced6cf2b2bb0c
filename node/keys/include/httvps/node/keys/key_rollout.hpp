#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "httvps/base/clock.hpp"
#include "httvps/node/keys/wanted_keys.hpp"

namespace httvps::node {

enum class rollout_step : std::uint8_t { rest, write, reload, confirm };

struct rollout_report {
  std::uint64_t revision = 0;
  base::error failure = {};
  std::vector<std::string> key_ids;
};

inline constexpr auto load_limit = std::chrono::seconds(5);
inline constexpr auto rollout_pause_least = std::chrono::seconds(1);
inline constexpr auto rollout_pause_most = std::chrono::seconds(30);
inline constexpr std::size_t unconfirmed_counts_most = 8;

class key_rollout {
 public:
  void want(wanted_keys wanted);
  rollout_step next(base::steady_time now) const noexcept;
  base::steady_time next_at() const noexcept;

  std::size_t count_to_write();
  void written(base::steady_time now);
  void reloaded(base::steady_time now);
  void observed(std::uint64_t loaded_keys, base::steady_time now);
  void unseen(base::steady_time now);
  void failed(const base::error& why, base::steady_time now);
  void server_gone() noexcept;

  const wanted_keys& wanted() const noexcept { return wanted_; }
  bool has_wanted() const noexcept { return known_; }
  std::uint64_t running_revision() const noexcept { return running_; }
  bool is_settled() const noexcept { return step_ == rollout_step::rest && known_; }
  std::optional<rollout_report> unreported() const;
  void reported(const rollout_report& report) noexcept;

 private:
  void report(const base::error& failure);
  void note_unconfirmed(std::size_t count);
  bool is_loaded(std::uint64_t loaded_keys) const noexcept { return loaded_keys == listed_; }

  wanted_keys wanted_;
  rollout_step step_ = rollout_step::rest;
  std::size_t listed_ = 0;
  std::vector<std::size_t> unconfirmed_;
  std::optional<std::size_t> seen_;
  std::uint64_t running_ = 0;
  base::steady_time not_before_{};
  base::steady_time confirm_until_{};
  base::duration pause_ = rollout_pause_least;
  std::optional<rollout_report> report_;
  bool known_ = false;
};

}
