#pragma once

#include <string>
#include <vector>

#include "httvps/base/log.hpp"
#include "httvps/gateway/control/control_plane.hpp"
#include "httvps/gateway/metrics/probe.hpp"
#include "httvps/gateway/sessions/usage_ledger.hpp"
#include "httvps/net/event.hpp"

namespace httvps::gateway {

inline constexpr std::size_t usage_rows_most = 1000;

class usage_source {
 public:
  virtual ~usage_source() = default;
  virtual net::task<std::vector<session_usage>> collect(std::size_t most) = 0;
  virtual net::task<> acknowledge(std::vector<session_usage> rows) = 0;
};

struct reporter_parts {
  std::string epoch;
  control_plane& control;
  gateway_probe& probe;
  base::logger log;
  std::vector<usage_source*> sources;
  base::duration interval{};
};

class usage_reporter {
 public:
  usage_reporter(const net::executor& runs_on, reporter_parts parts);

  net::task<> run();
  net::task<> settle(base::steady_time deadline);

 private:
  struct portion {
    usage_source* source = nullptr;
    std::vector<session_usage> rows;
  };

  net::task<> report_all();
  net::task<std::size_t> report_batch();
  net::task<> gather();
  void note_failure(const base::error& failure);
  usage_batch as_batch() const;

  reporter_parts parts_;
  net::event wake_;
  net::event settled_;
  std::vector<portion> pending_;
  std::uint64_t sequence_ = 1;
  bool settling_ = false;
};

}
