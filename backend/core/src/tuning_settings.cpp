#include "tuning_settings.hpp"

namespace httvps::backend::core {

std::vector<base::property> accounting_properties() {
  return {
      {.name = "backend.usage_rollup",
       .environment = "BACKEND_USAGE_ROLLUP",
       .description = "Milliseconds between two roll-ups of acknowledged usage into days and "
                      "hours.",
       .kind = base::property_kind::milliseconds,
       .fallback = "5000",
       .least = 100,
       .most = 3600000},
      {.name = "backend.usage_journal_days",
       .environment = "BACKEND_USAGE_JOURNAL_DAYS",
       .description = "Days for which single usage batches and their journal are kept after the "
                      "roll-up.",
       .kind = base::property_kind::number,
       .fallback = "7",
       .least = 1,
       .most = 400},
      {.name = "backend.usage_daily_days",
       .environment = "BACKEND_USAGE_DAILY_DAYS",
       .description = "Days for which traffic by day, device and node is kept; then it is summed "
                      "up by month.",
       .kind = base::property_kind::number,
       .fallback = "35",
       .least = 35,
       .most = 4000},
      {.name = "backend.usage_hourly_days",
       .environment = "BACKEND_USAGE_HOURLY_DAYS",
       .description = "Days for which traffic by hour, node and gateway is kept.",
       .kind = base::property_kind::number,
       .fallback = "35",
       .least = 2,
       .most = 400},
  };
}

std::vector<base::property> pruning_properties() {
  return {
      {.name = "backend.usage_session_hours",
       .environment = "BACKEND_USAGE_SESSION_HOURS",
       .description = "Hours after the last batch of a gateway's former run until the counters of "
                      "its sessions are removed.",
       .kind = base::property_kind::number,
       .fallback = "192",
       .least = 192,
       .most = 8760},
      {.name = "backend.usage_quarantine_days",
       .environment = "BACKEND_USAGE_QUARANTINE_DAYS",
       .description = "Days for which traffic that belongs to no known session is kept after the "
                      "run of its gateway was closed.",
       .kind = base::property_kind::number,
       .fallback = "30",
       .least = 1,
       .most = 400},
  };
}

std::vector<base::property> rate_properties() {
  return {
      {.name = "backend.admin_rate",
       .environment = "BACKEND_ADMIN_RATE",
       .description = "Calls a second of one administrator's token, with twice as many at once; "
                      "more get rate_limited.",
       .kind = base::property_kind::number,
       .fallback = "20",
       .least = 1,
       .most = 100000},
      {.name = "backend.device_rate",
       .environment = "BACKEND_DEVICE_RATE",
       .description = "Calls a second of one device, with ten times as many at once; more get "
                      "rate_limited.",
       .kind = base::property_kind::number,
       .fallback = "2",
       .least = 1,
       .most = 100000},
  };
}

void read_accounting(const base::settings& source, backend_settings& chosen) {
  chosen.usage_roll_up = source.time("backend.usage_rollup");
  chosen.usage_keeping = {.journal = std::chrono::days(source.number("backend.usage_journal_days")),
                          .hours = std::chrono::days(source.number("backend.usage_hourly_days"))};
  chosen.usage_daily_days = std::chrono::days(source.number("backend.usage_daily_days"));
  chosen.usage_pruning = {
      .sessions = std::chrono::hours(source.number("backend.usage_session_hours")),
      .quarantine = std::chrono::days(source.number("backend.usage_quarantine_days"))};
}

void read_rates(const base::settings& source, backend_settings& chosen) {
  chosen.admin_rate = static_cast<double>(source.number("backend.admin_rate"));
  chosen.device_rate = static_cast<double>(source.number("backend.device_rate"));
}

}
