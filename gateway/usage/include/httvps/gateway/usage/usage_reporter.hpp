#pragma once

#include <string>
#include <utility>
#include <vector>

#include "httvps/base/log.hpp"
#include "httvps/base/random.hpp"
#include "httvps/gateway/control/control_plane.hpp"
#include "httvps/gateway/metrics/probe.hpp"
#include "httvps/gateway/usage/usage_spool.hpp"
#include "httvps/net/blocking_pool.hpp"
#include "httvps/net/event.hpp"

namespace httvps::gateway {

inline constexpr std::size_t usage_batch_rows_most = 5000;

class usage_source {
 public:
  virtual ~usage_source() = default;
  virtual net::task<std::vector<usage_row>> collect(std::size_t most) = 0;
  virtual net::task<> acknowledge(std::vector<usage_row> rows) = 0;
};

struct reporter_times {
  base::duration sync{};
  base::duration report{};
  base::duration retry_most{};
};

struct reporter_parts {
  control_plane& control;
  usage_spool& spool;
  net::blocking_pool& disk;
  base::random_source& random;
  gateway_probe& probe;
  base::logger log;
  std::vector<usage_source*> sources;
  reporter_times times;
};

class usage_reporter {
 public:
  usage_reporter(const net::executor& runs_on, reporter_parts parts);

  net::task<> keep();
  net::task<> send();
  net::task<> settle(base::steady_time deadline);

 private:
  enum class sealing { later, now };
  enum class delivery { idle, done };
  using portion = std::pair<usage_source*, std::vector<usage_row>>;

  base::steady_time next_report();
  net::task<> write_down(sealing when);
  net::task<std::vector<portion>> gather();
  net::task<> put(std::vector<usage_row> rows, sealing when);
  net::task<> hold_in_memory(std::vector<usage_row> rows);
  net::task<> give_back(std::vector<portion> portions);

  net::task<delivery> send_next();
  net::task<> wait_for_work();
  net::task<> wait_to_retry(base::duration pause);
  net::task<> deliver(usage_batch batch);
  net::task<> take_refusal(usage_batch batch, base::error failure);
  net::task<> fill_gaps(usage_batch batch, usage_answer answer);
  net::task<> acknowledge(usage_batch batch);
  void note_attempt(const usage_batch& batch);

  reporter_parts parts_;
  net::event wake_;
  net::event work_;
  net::event hurry_;
  net::event written_;
  net::event sent_;
  std::pair<std::string, std::uint64_t> attempted_;
  std::size_t fills_ = 0;
  bool settling_ = false;
  bool all_written_ = false;
};

}
