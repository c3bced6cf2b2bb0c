#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "httvps/backend/models/administration.hpp"
#include "httvps/backend/models/usage.hpp"
#include "httvps/backend/services/accepted_usage.hpp"
#include "httvps/base/error.hpp"

namespace httvps::backend::services {

inline constexpr std::uint32_t period_reset_schema = 21;
inline constexpr std::uint32_t unposted_usage_schema = 28;

struct epoch_name {
  models::gateway_id gateway;
  std::string epoch;
};

struct batch_name {
  epoch_name epoch;
  std::uint64_t seq = 0;
};

struct accepted_usage {
  batch_name name;
  base::system_time received_at;
  std::vector<accepted_line> lines;
};

struct later_batches {
  std::uint64_t after = 0;
  std::size_t most = 0;
};

class usage_journal {
 public:
  virtual ~usage_journal() = default;
  virtual base::result<std::optional<models::usage_batch>> find(const batch_name& name) = 0;
  virtual base::result<> insert(const models::usage_batch& batch) = 0;
  virtual base::result<> save_quarantined(const batch_name& name, std::uint32_t rows) = 0;
  virtual base::result<std::uint64_t> acked_through(const epoch_name& epoch) = 0;
  virtual base::result<> save_acked(const epoch_name& epoch, std::uint64_t acked_through) = 0;
  virtual base::result<std::vector<std::uint64_t>> later(const epoch_name& epoch,
                                                         const later_batches& wanted) = 0;
};

struct waiting_batches {
  base::system_time received_before;
  std::size_t most = 0;
};

class unposted_usage {
 public:
  virtual ~unposted_usage() = default;
  virtual base::result<> insert(const accepted_usage& batch) = 0;
  virtual base::result<std::optional<accepted_usage>> find(const batch_name& name) = 0;
  virtual base::result<> remove(const batch_name& name) = 0;
  virtual base::result<std::vector<batch_name>> oldest(const waiting_batches& wanted) = 0;
};

using session_numbers = std::vector<std::uint64_t>;

struct metered_query {
  const session_numbers& numbers;
  base::system_time at;
};

class usage_session_repository {
 public:
  virtual ~usage_session_repository() = default;
  virtual base::result<std::vector<models::metered_session>> find(const epoch_name& epoch,
                                                                  const metered_query& wanted) = 0;
  virtual base::result<> insert(const std::vector<models::usage_session>& sessions) = 0;
  virtual base::result<> end(const std::vector<models::usage_session>& sessions,
                             base::system_time now) = 0;
};

struct counted_path {
  std::uint64_t number = 0;
  models::node_id node;
  models::traffic counted;
};

class session_traffic_repository {
 public:
  virtual ~session_traffic_repository() = default;
  virtual base::result<std::vector<models::session_traffic>> find(
      const epoch_name& epoch, const session_numbers& numbers) = 0;
  virtual base::result<> save(const epoch_name& epoch,
                              const std::vector<counted_path>& counted) = 0;
};

class quarantine_repository {
 public:
  virtual ~quarantine_repository() = default;
  virtual base::result<> raise(const models::session_traffic& unattributed) = 0;
  virtual base::result<std::vector<models::session_traffic>> find(
      const epoch_name& epoch, const session_numbers& numbers) = 0;
  virtual base::result<> remove(const models::session_key& session) = 0;
  virtual base::result<models::traffic> total() = 0;
  virtual base::result<bool> holds_at_least(const models::gateway_id& gateway,
                                            std::uint64_t rows) = 0;
  virtual base::result<models::page<models::session_traffic>> list(
      const std::optional<models::gateway_id>& gateway, const models::page_request& wanted) = 0;
};

std::string key_of(const models::session_traffic& held);

enum class usage_sources { days_alone, days_and_backlog };

struct usage_filter {
  std::optional<models::device_id> device;
  std::optional<models::node_id> node;
  std::string first_day;
  std::string last_day;
  usage_sources sources = usage_sources::days_and_backlog;
};

struct period_name {
  models::subscription_id subscription;
  base::system_time period;
};

class usage_ledger {
 public:
  virtual ~usage_ledger() = default;
  virtual base::result<models::period_use> used(const period_name& period) = 0;
  virtual base::result<models::traffic> total(const usage_filter& filter) = 0;
  virtual base::result<models::page<models::usage_row>> list(
      const usage_filter& filter, const models::page_request& wanted) = 0;
};

class usage_books {
 public:
  virtual ~usage_books() = default;
  virtual base::result<> add_to_periods(const std::vector<models::period_share>& shares) = 0;
  virtual base::result<> forgive(const period_name& period, const models::traffic& counted) = 0;
  virtual base::result<> add_to_days(const std::vector<models::usage_row>& shares) = 0;
  virtual base::result<> add_to_hours(const std::vector<models::hourly_share>& shares) = 0;
};

}
