#pragma once

#include <chrono>
#include <functional>

#include "httvps/base/log.hpp"
#include "httvps/base/metrics.hpp"
#include "httvps/gateway/control/control_plane.hpp"
#include "httvps/net/task.hpp"
#include "session_roll.hpp"

namespace httvps::gateway {

struct session_reporter_parts {
  control_plane& control;
  base::logger log;
  session_roll& roll;
  base::counter recalled;
  std::function<void(std::uint64_t)> end_session;
  std::chrono::milliseconds interval{5000};
};

class session_reporter {
 public:
  explicit session_reporter(session_reporter_parts parts) : parts_(std::move(parts)) {}

  net::task<> run();

 private:
  std::chrono::milliseconds take(const session_report_answer& answer, std::uint64_t sequence);
  std::chrono::milliseconds pause_out_of_step();
  void note_miss(const base::error& failure);

  session_reporter_parts parts_;
  unsigned lost_steps_ = 0;
  bool missed_ = false;
};

}
