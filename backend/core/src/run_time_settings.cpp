#include "run_time_settings.hpp"

namespace httvps::backend::core {
namespace {

template <typename Span>
std::uint32_t count_of(std::chrono::hours span) {
  return static_cast<std::uint32_t>(std::chrono::duration_cast<Span>(span).count());
}

}

services::live_settings configured_in(const backend_settings& chosen) {
  return {.admin_rate = static_cast<std::uint32_t>(chosen.admin_rate),
          .device_rate = static_cast<std::uint32_t>(chosen.device_rate),
          .usage_journal_days = count_of<std::chrono::days>(chosen.usage_keeping.journal),
          .usage_hourly_days = count_of<std::chrono::days>(chosen.usage_keeping.hours),
          .usage_session_hours = count_of<std::chrono::hours>(chosen.usage_pruning.sessions),
          .usage_quarantine_days = count_of<std::chrono::days>(chosen.usage_pruning.quarantine),
          .signing_key_days = count_of<std::chrono::days>(chosen.signing_key_term)};
}

services::usage_retention retention_in(const services::live_settings& live) {
  return {.journal = std::chrono::days(live.usage_journal_days),
          .hours = std::chrono::days(live.usage_hourly_days)};
}

services::pruning_terms pruning_in(const services::live_settings& live) {
  return {.sessions = std::chrono::hours(live.usage_session_hours),
          .quarantine = std::chrono::days(live.usage_quarantine_days)};
}

}
