#pragma once

#include <optional>

#include "httvps/base/clock.hpp"
#include "output.hpp"

namespace httvps::ctl {

enum class verdict { ok, warn, fail };

struct finding {
  verdict outcome = verdict::ok;
  std::string what;
  std::string sentence;
};

std::optional<std::int64_t> seconds_of_rfc3339(const std::string& text);
std::optional<std::int64_t> seconds_of_date(const std::string& http_date);
std::optional<double> metric_in(std::string_view exposition, std::string_view name);
finding judge_clock(std::int64_t server_seconds, std::int64_t own_seconds);
finding judge_lag(std::optional<double> seconds);
finding judge_gaps(std::optional<double> batches);
std::vector<finding> judge_heartbeats(const json::array& items, std::string_view kind,
                                      base::system_time now);
std::vector<finding> judge_credentials(const json::array& items, base::system_time now);
finding judge_schema(std::optional<double> present, std::optional<double> newest);
finding judge_room(std::optional<double> free_bytes);
finding judge_backlog(std::optional<double> batches);
finding judge_keys(const json::array& items);
finding judge_backup(const json::value& keys, base::system_time now);

verdict graded(double value, double fine, double bad) noexcept;
std::string advised(verdict outcome, std::string sentence, std::string_view advice);
std::string to_line(const finding& one);

}
