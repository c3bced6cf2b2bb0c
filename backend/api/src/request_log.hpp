#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "httvps/base/log.hpp"
#include "httvps/base/metrics.hpp"
#include "route.hpp"

namespace httvps::backend::api {

struct finished_call {
  const net::http_request& request;
  std::string_view route;
  const call_notes& notes;
  int status = 200;
  std::string_view code;
  base::duration took;
};

class request_log {
 public:
  request_log(base::metric_registry& metrics, base::logger log)
      : metrics_(metrics), log_(std::move(log)) {}

  void record(const finished_call& finished);

 private:
  void count(const finished_call& finished);
  void write(const finished_call& finished) const;

  base::metric_registry& metrics_;
  base::logger log_;
  std::mutex mutex_;
  std::map<std::string, base::counter> counters_;
  std::map<std::string, base::histogram> latencies_;
};

}
