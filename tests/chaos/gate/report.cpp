#include "gate/report.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>

namespace httvps::chaos {
namespace {

double seconds_of(base::duration time) {
  return std::chrono::duration<double>(time).count();
}

boost::json::string_view text(std::string_view from) {
  return {from.data(), from.size()};
}

std::string_view state_of(const connection& subject) {
  if (!subject.live) {
    return "closed";
  }
  return subject.now == phase::frozen ? "frozen" : "live";
}

boost::json::object json_of(const record_meter& meter) {
  return {{"inside", meter.inside()}, {"size", meter.record()}};
}

boost::json::object json_of(const connection_report& row) {
  return {{"id", row.id},
          {"state", text(row.state)},
          {"cause", text(row.cause)},
          {"client_port", row.client_port},
          {"up", row.up},
          {"down", row.down},
          {"up_record", json_of(row.up_records)},
          {"down_record", json_of(row.down_records)},
          {"began", seconds_of(row.began.time_since_epoch())},
          {"age_s", seconds_of(row.age)}};
}

}

connection_report report_of(const connection& subject, base::steady_time now) {
  const auto end = subject.live ? now : subject.ended;
  return {.id = subject.id,
          .state = state_of(subject),
          .cause = subject.cause,
          .client_port = subject.client_port,
          .up = subject.way(direction::up).queue.carried(),
          .down = subject.way(direction::down).queue.carried(),
          .up_records = subject.way(direction::up).records,
          .down_records = subject.way(direction::down).records,
          .began = subject.began,
          .age = end - subject.began};
}

std::string to_json(const whole_report& report) {
  const auto& counts = report.counts;
  boost::json::array times;
  for (const auto& moment : counts.cut_times) {
    times.push_back(seconds_of(moment.time_since_epoch()));
  }
  boost::json::array rows;
  for (const auto& row : report.connections) {
    rows.push_back(json_of(row));
  }
  return boost::json::serialize(boost::json::object{{"total", counts.total},
                                                    {"live", counts.live},
                                                    {"most_live", counts.most_live},
                                                    {"refused", counts.refused},
                                                    {"cut", counts.cut},
                                                    {"frozen", counts.frozen},
                                                    {"held", report.held},
                                                    {"most_held", counts.most_held},
                                                    {"cut_times", std::move(times)},
                                                    {"connections", std::move(rows)}});
}

std::string failure_json(const base::error& failure) {
  return boost::json::serialize(boost::json::object{{"error", text(base::label_of(failure))}});
}

}
