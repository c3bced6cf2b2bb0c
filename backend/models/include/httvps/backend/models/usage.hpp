#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "httvps/backend/models/account.hpp"
#include "httvps/backend/models/id.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::backend::models {

struct usage_batch {
  gateway_id gateway;
  std::string epoch;
  std::uint64_t seq = 0;
  std::string digest;
  std::uint32_t rows = 0;
  std::uint32_t quarantined = 0;
  base::system_time received_at;
};

struct session_key {
  gateway_id gateway;
  std::string epoch;
  std::uint64_t number = 0;
  bool operator==(const session_key&) const = default;
};

struct usage_session {
  session_key key;
  device_id device;
  subscription_id subscription;
  base::system_time opened_at;
};

struct session_traffic {
  session_key key;
  node_id node;
  traffic counted;
};

struct metered_session {
  usage_session session;
  reset_period reset = reset_period::none;
  base::system_time anchor;
};

struct usage_delta {
  std::string hour;
  device_id device;
  node_id node;
  subscription_id subscription;
  base::system_time period;
  traffic added;
};

struct period_share {
  subscription_id subscription;
  base::system_time period;
  traffic added;
};

struct hourly_share {
  std::string hour;
  node_id node;
  gateway_id gateway;
  traffic added;
};

struct path_share {
  node_id node;
  gateway_id gateway;
  traffic added;
};

struct usage_row {
  std::string day;
  device_id device;
  node_id node;
  traffic counted;
};

struct monthly_share {
  std::string month;
  device_id device;
  node_id node;
  traffic counted;
};

std::string day_of(base::system_time moment);
std::string hour_of(base::system_time moment);
std::string day_of_hour(const std::string& hour);
traffic growth(const traffic& before, const traffic& now) noexcept;
traffic highest(const traffic& left, const traffic& right) noexcept;
traffic saturating_sum(const traffic& left, const traffic& right) noexcept;
bool went_down(const traffic& before, const traffic& now) noexcept;

struct sequence_gap {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  bool operator==(const sequence_gap&) const = default;
};

struct acknowledgement {
  std::uint64_t acked_through = 0;
  std::vector<sequence_gap> gaps;
};

acknowledgement acknowledge(std::uint64_t acked_before, const std::vector<std::uint64_t>& later,
                            std::size_t most_gaps);

}
