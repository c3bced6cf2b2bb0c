#pragma once

#include <optional>
#include <string_view>

#include "httvps/backend/schemas/amended.hpp"

namespace httvps::backend::schemas {

using calls_per_second = whole<number_range{1, 100000}>;
using journal_days = whole<number_range{1, 400}>;
using hourly_days = whole<number_range{2, 400}>;
using session_hours = whole<number_range{192, 8760}>;
using quarantine_days = whole<number_range{1, 400}>;
using signing_days = whole<number_range{3, 365}>;

inline constexpr std::size_t most_settings = 32;

struct settings_view {
  static constexpr std::string_view schema_name = "Settings";

  calls_per_second admin_rate;
  calls_per_second device_rate;
  journal_days usage_journal_days;
  hourly_days usage_hourly_days;
  session_hours usage_session_hours;
  quarantine_days usage_quarantine_days;
  signing_days signing_key_days;
  list<text<length_range{1, 64}>, length_range{0, most_settings}> stored;
  whole<number_range{1, 3600}> applies_within_s;
};
BOOST_DESCRIBE_STRUCT(settings_view, (),
                      (admin_rate, device_rate, usage_journal_days, usage_hourly_days,
                       usage_session_hours, usage_quarantine_days, signing_key_days, stored,
                       applies_within_s))

struct settings_change_request {
  static constexpr std::string_view schema_name = "SettingsChange";

  amended<std::optional<calls_per_second>> admin_rate;
  amended<std::optional<calls_per_second>> device_rate;
  amended<std::optional<journal_days>> usage_journal_days;
  amended<std::optional<hourly_days>> usage_hourly_days;
  amended<std::optional<session_hours>> usage_session_hours;
  amended<std::optional<quarantine_days>> usage_quarantine_days;
  amended<std::optional<signing_days>> signing_key_days;
};
BOOST_DESCRIBE_STRUCT(settings_change_request, (),
                      (admin_rate, device_rate, usage_journal_days, usage_hourly_days,
                       usage_session_hours, usage_quarantine_days, signing_key_days))

}
