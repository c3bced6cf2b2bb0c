#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "httvps/backend/services/live_settings.hpp"
#include "httvps/backend/services/service_tools.hpp"

namespace httvps::backend::services {

inline constexpr std::chrono::seconds settings_round{5};

struct settings_report {
  stored_settings stored;
  live_settings live;
};

entity_tag tag_of(const settings_report& report);

struct settings_amendment {
  std::optional<std::optional<std::uint32_t>> admin_rate = {};
  std::optional<std::optional<std::uint32_t>> device_rate = {};
  std::optional<std::optional<std::uint32_t>> usage_journal_days = {};
  std::optional<std::optional<std::uint32_t>> usage_hourly_days = {};
  std::optional<std::optional<std::uint32_t>> usage_session_hours = {};
  std::optional<std::optional<std::uint32_t>> usage_quarantine_days = {};
  std::optional<std::optional<std::uint32_t>> signing_key_days = {};
};

using settings_follower = std::function<void(const live_settings&)>;

class settings_service {
 public:
  settings_service(const service_tools& tools, const live_settings& configured);
  ~settings_service();
  settings_service(const settings_service&) = delete;
  settings_service& operator=(const settings_service&) = delete;

  base::result<settings_report> find() const;
  base::result<settings_report> change(const admin_actor& actor,
                                       const settings_amendment& wanted) const;
  base::result<> refresh() const;
  void follow(settings_follower follower) const;

 private:
  struct state;

  service_tools tools_;
  live_settings configured_;
  std::unique_ptr<state> state_;
};

}
