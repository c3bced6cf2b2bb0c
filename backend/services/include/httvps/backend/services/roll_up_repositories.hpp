#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "httvps/backend/services/usage_repositories.hpp"

namespace httvps::backend::services {

inline constexpr std::uint32_t usage_journal_schema = 7;

class usage_delta_journal {
 public:
  virtual ~usage_delta_journal() = default;
  virtual base::result<> append(const models::usage_batch& batch,
                                const std::vector<models::usage_delta>& deltas) = 0;
  virtual base::result<std::vector<models::usage_delta>> find(const batch_name& batch) = 0;
};

struct usage_backlog_state {
  std::uint64_t batches = 0;
  std::uint64_t unposted = 0;
  std::optional<base::system_time> oldest;
};

class usage_backlog {
 public:
  virtual ~usage_backlog() = default;
  virtual base::result<std::vector<batch_name>> oldest(std::size_t most) = 0;
  virtual base::result<> remove(const std::vector<batch_name>& batches) = 0;
  virtual base::result<usage_backlog_state> state() = 0;
};

struct hour_range {
  std::string first;
  std::string last;
};

struct share_filter {
  hour_range hours;
  std::optional<models::node_id> node = {};
  std::optional<models::gateway_id> gateway = {};
  std::string after = {};
  std::size_t most = 0;
};

class usage_hours {
 public:
  virtual ~usage_hours() = default;
  virtual base::result<std::vector<models::hourly_share>> page(const share_filter& wanted) = 0;
  virtual base::result<models::traffic> total(const hour_range& range) = 0;
  virtual base::result<std::vector<models::path_share>> by_path(const hour_range& range) = 0;
  virtual base::result<std::optional<std::string>> oldest() = 0;
  virtual base::result<> remove(const std::string& hour) = 0;
};

struct settled_batches {
  base::system_time before;
  std::size_t most = 0;
};

class usage_archive {
 public:
  virtual ~usage_archive() = default;
  virtual base::result<std::vector<batch_name>> settled(const settled_batches& wanted) = 0;
  virtual base::result<> remove(const std::vector<batch_name>& batches) = 0;
  virtual base::result<std::uint64_t> missing_batches() = 0;
};

struct worker_lease {
  std::string name;
  std::string holder;
  std::uint64_t fence = 0;
  base::system_time expires_at;
};

class worker_lease_repository {
 public:
  virtual ~worker_lease_repository() = default;
  virtual base::result<std::optional<worker_lease>> find(const std::string& name) = 0;
  virtual base::result<> save(const worker_lease& lease) = 0;
};

}
