#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "doctor.hpp"

namespace httvps::ctl {
namespace {

constexpr std::int64_t clock_fine = 5;
constexpr std::int64_t clock_bad = 60;
constexpr double lag_fine = 30;
constexpr double lag_bad = 300;
constexpr double backlog_fine = 100;
constexpr double backlog_bad = 10000;
constexpr double room_fine = 1024.0 * 1024 * 1024;
constexpr double room_bad = 128.0 * 1024 * 1024;
constexpr double bytes_a_mebibyte = 1024.0 * 1024;
constexpr double seconds_a_day = 86400;
constexpr double key_days_fine = 9;
constexpr double key_days_bad = 30;

std::int64_t age_of(const json::value& key) {
  const auto* age = member_of(key, "age_s");
  return age != nullptr && age->is_int64() ? age->get_int64() : 0;
}

}

verdict graded(double value, double fine, double bad) noexcept {
  if (value <= fine) {
    return verdict::ok;
  }
  return value <= bad ? verdict::warn : verdict::fail;
}

std::string advised(verdict outcome, std::string sentence, std::string_view advice) {
  return outcome == verdict::ok ? sentence : sentence.append("; ").append(advice);
}

finding judge_clock(std::int64_t server_seconds, std::int64_t own_seconds) {
  const auto skew = std::abs(server_seconds - own_seconds);
  const auto outcome = graded(static_cast<double>(skew), clock_fine, clock_bad);
  return {outcome, "clock",
          advised(outcome, fmt::format("{} s between server and this machine", skew),
                  "set both by NTP")};
}

finding judge_lag(std::optional<double> seconds) {
  if (!seconds) {
    return {verdict::warn, "usage lag", "the server does not tell"};
  }
  const auto outcome = graded(*seconds, lag_fine, lag_bad);
  return {outcome, "usage lag",
          advised(outcome, fmt::format("oldest batch waits {:.0f} s", *seconds),
                  "look for usage in the backend's log")};
}

finding judge_gaps(std::optional<double> batches) {
  if (!batches) {
    return {verdict::warn, "usage gaps", "the server does not tell"};
  }
  const auto outcome = *batches > 0 ? verdict::warn : verdict::ok;
  return {outcome, "usage gaps",
          advised(outcome, fmt::format("{:.0f} batches are missing", *batches),
                  "gateways send them again; look at gateways that are silent")};
}

finding judge_backlog(std::optional<double> batches) {
  if (!batches) {
    return {verdict::warn, "usage backlog", "the server does not tell"};
  }
  const auto outcome = graded(*batches, backlog_fine, backlog_bad);
  return {outcome, "usage backlog",
          advised(outcome, fmt::format("{:.0f} batches wait for their roll-up", *batches),
                  "look for usage_roll_up in the backend's log and at the load of the database")};
}

finding judge_schema(std::optional<double> present, std::optional<double> newest) {
  if (!present || !newest) {
    return {verdict::warn, "schema", "the server does not tell; it is older than this program"};
  }
  const auto outcome = *present == *newest ? verdict::ok : verdict::warn;
  return {outcome, "schema",
          advised(outcome, fmt::format("version {:.0f} of {:.0f}", *present, *newest),
                  "new features are off; run httvps-backend migrate up on the server")};
}

finding judge_room(std::optional<double> free_bytes) {
  if (!free_bytes) {
    return {verdict::ok, "disk", "the database has a server of its own; look at its disk there"};
  }
  const auto outcome = graded(-*free_bytes, -room_fine, -room_bad);
  return {
      outcome, "disk",
      advised(outcome,
              fmt::format("{:.0f} MiB are free for the database", *free_bytes / bytes_a_mebibyte),
              "make room: without it every change is refused (storage_full)")};
}

finding judge_keys(const json::array& items) {
  double oldest = 0;
  for (const auto& item : items) {
    if (text_of(item, "state") == "active") {
      oldest = std::max(oldest, static_cast<double>(age_of(item)) / seconds_a_day);
    }
  }
  const auto outcome = graded(oldest, key_days_fine, key_days_bad);
  return {outcome, "access keys",
          advised(outcome, fmt::format("the oldest in use is {:.0f} days old", oldest),
                  "they are renewed each 7 days; look whether the agents of their nodes run")};
}

std::string to_line(const finding& one) {
  constexpr std::string_view words[] = {"ok  ", "warn", "fail"};
  return fmt::format("{} {}: {}", words[static_cast<std::size_t>(one.outcome)], one.what,
                     one.sentence);
}

}
