#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace httvps::backend::services {

struct live_settings {
  std::uint32_t admin_rate = 20;
  std::uint32_t device_rate = 2;
  std::uint32_t usage_journal_days = 7;
  std::uint32_t usage_hourly_days = 35;
  std::uint32_t usage_session_hours = 192;
  std::uint32_t usage_quarantine_days = 30;
  std::uint32_t signing_key_days = 30;

  bool operator==(const live_settings&) const = default;
};

struct stored_settings {
  std::optional<std::uint32_t> admin_rate = {};
  std::optional<std::uint32_t> device_rate = {};
  std::optional<std::uint32_t> usage_journal_days = {};
  std::optional<std::uint32_t> usage_hourly_days = {};
  std::optional<std::uint32_t> usage_session_hours = {};
  std::optional<std::uint32_t> usage_quarantine_days = {};
  std::optional<std::uint32_t> signing_key_days = {};

  bool operator==(const stored_settings&) const = default;
};

struct setting_rule {
  std::string_view name;
  std::uint32_t least;
  std::uint32_t most;
  std::uint32_t live_settings::* live;
  std::optional<std::uint32_t> stored_settings::* stored;
};

inline constexpr setting_rule setting_rules[] = {
    {"admin_rate", 1, 100000, &live_settings::admin_rate, &stored_settings::admin_rate},
    {"device_rate", 1, 100000, &live_settings::device_rate, &stored_settings::device_rate},
    {"usage_journal_days", 1, 400, &live_settings::usage_journal_days,
     &stored_settings::usage_journal_days},
    {"usage_hourly_days", 2, 400, &live_settings::usage_hourly_days,
     &stored_settings::usage_hourly_days},
    {"usage_session_hours", 192, 8760, &live_settings::usage_session_hours,
     &stored_settings::usage_session_hours},
    {"usage_quarantine_days", 1, 400, &live_settings::usage_quarantine_days,
     &stored_settings::usage_quarantine_days},
    {"signing_key_days", 3, 365, &live_settings::signing_key_days,
     &stored_settings::signing_key_days},
};

live_settings laid_over(const live_settings& configured, const stored_settings& stored);
std::vector<std::string_view> names_of(const stored_settings& stored);
std::string written(const stored_settings& stored);
std::optional<stored_settings> parse_settings(std::string_view text);

}
