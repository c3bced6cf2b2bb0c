#include <fmt/format.h>

#include <algorithm>

#include "doctor.hpp"

namespace httvps::ctl {
namespace {

constexpr std::int64_t seconds_a_day = 86400;

std::int64_t newest_signing_key(const json::value& keys) {
  std::int64_t newest = 0;
  const auto* list = member_of(keys, "signing");
  if (list == nullptr || !list->is_array()) {
    return newest;
  }
  for (const auto& key : list->get_array()) {
    newest = std::max(newest, seconds_of_rfc3339(text_of(key, "created_at")).value_or(0));
  }
  return newest;
}

}

finding judge_backup(const json::value& keys, base::system_time now) {
  const auto made = seconds_of_rfc3339(text_of(keys, "last_backup_at"));
  if (!made) {
    return {verdict::warn, "backup", "none is known of; run httvps-backend backup on the server"};
  }
  const auto days = (base::to_unix_seconds(now) - *made) / seconds_a_day;
  if (*made < newest_signing_key(keys)) {
    return {verdict::warn, "backup",
            fmt::format("the last one is {} days old, older than the newest signing key: after a "
                        "restore devices would have to enrol anew; make another",
                        days)};
  }
  return {verdict::ok, "backup",
          fmt::format("the last one is {} days old and knows the newest signing key", days)};
}

}
