#pragma once

#include <chrono>
#include <string>

#include "httvps/backend/services/service_tools.hpp"
#include "httvps/backend/services/worker_leases.hpp"

namespace httvps::backend::services {

inline constexpr std::string_view roll_up_lease_name = "usage_roll_up";

struct roll_up_limits {
  std::size_t batches_a_pass = 32;
  std::size_t passes = 64;
  std::chrono::seconds term{15};
};

enum class roll_up_outcome { done, held_elsewhere, schema_too_old };

struct roll_up_report {
  roll_up_outcome outcome = roll_up_outcome::done;
  std::uint64_t batches = 0;
  std::uint64_t rows = 0;
};

class usage_roll_up {
 public:
  explicit usage_roll_up(const service_tools& tools, roll_up_limits limits = {});

  base::result<roll_up_report> run() const;
  base::result<std::optional<worker_lease>> take() const;
  base::result<roll_up_report> pass(const worker_lease& held) const;
  base::result<usage_backlog_state> backlog() const;
  const std::string& holder() const noexcept { return holder_; }

 private:
  service_tools tools_;
  roll_up_limits limits_;
  std::string holder_;
};

}
