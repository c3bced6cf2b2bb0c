#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "httvps/base/clock.hpp"
#include "httvps/base/metrics.hpp"
#include "httvps/gateway/control/messages.hpp"
#include "httvps/gateway/usage/errc.hpp"

namespace httvps::gateway {

struct spool_settings {
  std::string folder;
  std::string epoch;
  base::byte_count most = 2 * base::gibibyte;
  std::chrono::seconds keep_for = std::chrono::hours(24 * 7);
  base::byte_count segment = 4 * base::mebibyte;
  std::size_t batch_rows = 5000;
};

struct spool_meter {
  base::counter write_failures = {};
  base::counter records_cut = {};
  base::counter compactions = {};
};

struct spool_parts {
  const base::clock& clock;
  spool_meter meter = {};
};

class usage_spool {
 public:
  static base::result<std::unique_ptr<usage_spool>> open(spool_settings chosen, spool_parts parts);
  usage_spool(const usage_spool&) = delete;
  usage_spool& operator=(const usage_spool&) = delete;
  ~usage_spool();

  base::result<> keep(const std::vector<usage_row>& rows);
  base::result<> seal(const std::vector<usage_row>& rows);
  void seal_in_memory(const std::vector<usage_row>& rows);
  base::result<std::optional<usage_batch>> next();
  std::vector<usage_row> acknowledge(const std::string& epoch, std::uint64_t through);
  base::result<> give_up(const std::string& epoch);

  std::size_t open_rows() const noexcept;
  base::byte_count bytes() const noexcept;
  std::chrono::seconds oldest_age() const noexcept;

 private:
  struct state;
  explicit usage_spool(std::unique_ptr<state> inner);

  std::unique_ptr<state> state_;
};

}
