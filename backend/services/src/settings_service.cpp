#include "httvps/backend/services/settings_service.hpp"

#include <mutex>
#include <utility>
#include <vector>

#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::string_view setting_key = "run_time_settings";
constexpr std::string_view settings_object = "settings";

base::result<stored_settings> load(repositories& tables) {
  HTTVPS_TRY(const auto text, tables.settings.find(setting_key));
  if (!text) {
    return stored_settings{};
  }
  const auto parsed = parse_settings(*text);
  return parsed ? base::result<stored_settings>(*parsed) : base::fail(errc::storage_failed);
}

template <typename Value>
void take(std::optional<Value>& into, const std::optional<std::optional<Value>>& wanted) {
  into = wanted.value_or(into);
}

stored_settings amended_by(stored_settings stored, const settings_amendment& wanted) {
  take(stored.admin_rate, wanted.admin_rate);
  take(stored.device_rate, wanted.device_rate);
  take(stored.usage_journal_days, wanted.usage_journal_days);
  take(stored.usage_hourly_days, wanted.usage_hourly_days);
  take(stored.usage_session_hours, wanted.usage_session_hours);
  take(stored.usage_quarantine_days, wanted.usage_quarantine_days);
  take(stored.signing_key_days, wanted.signing_key_days);
  return stored;
}

}

struct settings_service::state {
  std::mutex mutex;
  live_settings told;
  std::vector<settings_follower> followers;
};

entity_tag tag_of(const settings_report& report) {
  const auto content = written(report.stored);
  return tag_of_document({.key = settings_object, .content = content});
}

settings_service::settings_service(const service_tools& tools, const live_settings& configured)
    : tools_(tools), configured_(configured), state_(std::make_unique<state>()) {
  state_->told = configured;
}

settings_service::~settings_service() = default;

base::result<settings_report> settings_service::find() const {
  HTTVPS_TRY(const auto stored, read_from(tools_.storage, load));
  return settings_report{.stored = stored, .live = laid_over(configured_, stored)};
}

base::result<settings_report> settings_service::change(const admin_actor& actor,
                                                       const settings_amendment& wanted) const {
  HTTVPS_TRY(const auto after,
             write_to(tools_.storage, [&](repositories& tables) -> base::result<stored_settings> {
               HTTVPS_TRY(const auto before, load(tables));
               HTTVPS_CHECK(require_match(actor, tag_of({.stored = before, .live = {}})));
               const auto changed = amended_by(before, wanted);
               if (changed == before) {
                 return before;
               }
               HTTVPS_CHECK(tables.settings.save(
                   {.key = std::string(setting_key), .value = written(changed)}));
               HTTVPS_CHECK(record_change(tables, tools_, actor,
                                          {.action = "settings.change",
                                           .object = std::string(settings_object),
                                           .before = written(before),
                                           .after = written(changed)}));
               return changed;
             }));
  static_cast<void>(refresh());
  return settings_report{.stored = after, .live = laid_over(configured_, after)};
}

base::result<> settings_service::refresh() const {
  const std::lock_guard lock(state_->mutex);
  HTTVPS_TRY(const auto found, find());
  if (found.live != state_->told) {
    state_->told = found.live;
    for (const auto& follower : state_->followers) {
      follower(found.live);
    }
  }
  return {};
}

void settings_service::follow(settings_follower follower) const {
  const std::lock_guard lock(state_->mutex);
  follower(state_->told);
  state_->followers.push_back(std::move(follower));
}

}
