#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "httvps/backend/services/service_tools.hpp"
#include "httvps/backend/services/usage_cross_check.hpp"
#include "httvps/backend/services/usage_poster.hpp"
#include "httvps/backend/services/usage_totals.hpp"

namespace httvps::backend::services {

inline constexpr std::uint64_t furthest_sequence = 100000;
inline constexpr std::size_t most_reported_gaps = 64;

struct usage_report_line {
  std::uint64_t session = 0;
  models::node_id node;
  models::traffic counted;
  std::optional<std::string> token;
  bool is_final = false;
};

struct usage_report {
  std::string epoch;
  std::uint64_t seq = 0;
  std::vector<usage_report_line> lines;
};

enum class report_novelty { fresh, repeated };

struct usage_receipt {
  models::acknowledgement acknowledged;
  report_novelty novelty = report_novelty::fresh;
  std::optional<posted_usage> posted = {};
};

struct usage_bounds {
  std::uint64_t held_rows = 100'000;
  std::uint64_t open_epochs = 4096;
};

struct usage_summary {
  models::page<models::usage_row> rows;
  models::traffic total;
  models::traffic quarantined;
};

struct hour_filter {
  std::string day;
  std::optional<models::node_id> node = {};
  std::optional<models::gateway_id> gateway = {};
};

std::string key_of(const models::hourly_share& share);

class usage_service {
 public:
  explicit usage_service(const service_tools& tools) : usage_service(tools, usage_bounds{}) {}
  usage_service(const service_tools& tools, const usage_bounds& bounds)
      : tools_(tools), bounds_(bounds), totals_(std::make_shared<usage_totals>()) {}

  base::result<usage_receipt> report(const models::gateway& gateway,
                                     const usage_report& batch) const;
  base::result<usage_summary> summary(const usage_filter& wanted,
                                      const models::page_request& page) const;
  base::result<models::page<models::monthly_share>> months(const month_filter& filter,
                                                           const models::page_request& page) const;
  base::result<models::page<models::session_traffic>> held(
      const std::optional<models::gateway_id>& gateway, const models::page_request& page) const;
  base::result<day_drift> drift(const std::optional<std::string>& day) const;
  base::result<models::page<models::hourly_share>> hours(const hour_filter& wanted,
                                                         const models::page_request& page) const;

 private:
  void hand_over(const batch_name& name, usage_receipt& receipt) const;
  base::result<usage_sums> sums_of(repositories& tables, const usage_filter& filter,
                                   const models::page_request& page) const;

  service_tools tools_;
  usage_bounds bounds_;
  std::shared_ptr<usage_totals> totals_;
};

std::string digest_of(const usage_report& batch);

}
