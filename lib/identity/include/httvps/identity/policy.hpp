#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "httvps/identity/document.hpp"

namespace httvps::identity {

struct span_range {
  std::chrono::seconds least{0};
  std::chrono::seconds most{0};

  bool operator==(const span_range&) const = default;
};

inline constexpr span_range keepalive_bounds{std::chrono::seconds(10), std::chrono::seconds(60)};
inline constexpr span_range carrier_age_bounds{std::chrono::minutes(1), std::chrono::hours(24)};
inline constexpr span_range carrier_idle_bounds{std::chrono::seconds(5), std::chrono::hours(1)};
inline constexpr std::uint32_t policy_carriers_most = 6;

struct traffic_shape {
  std::uint32_t carriers_most = 3;
  span_range keepalive{std::chrono::seconds(25), std::chrono::seconds(45)};
  span_range carrier_age{std::chrono::minutes(30), std::chrono::minutes(50)};
  std::chrono::seconds carrier_idle{60};

  bool operator==(const traffic_shape&) const = default;
};

bool is_sound(const traffic_shape& shape) noexcept;

struct policy_claims {
  std::uint64_t version = 1;
  base::system_time issued;
  traffic_shape shape = {};

  bool operator==(const policy_claims&) const = default;
};

base::result<std::string> encode_claims(const policy_claims& claims);
base::result<policy_claims> decode_policy_claims(std::string_view json);

base::result<std::string> sign_document(const signing_key& key, const policy_claims& claims);
base::result<policy_claims> verify_policy(std::string_view token, const document_check& check);

}
