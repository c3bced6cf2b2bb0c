#pragma once

#include "connection.hpp"
#include "httvps/backend/services/roll_up_repositories.hpp"

namespace httvps::backend::storage {

class books_table final : public services::usage_books {
 public:
  explicit books_table(connection& database) noexcept : database_(database) {}
  base::result<> add_to_periods(const std::vector<models::period_share>& shares) override;
  base::result<> forgive(const services::period_name& period,
                         const models::traffic& counted) override;
  base::result<> add_to_days(const std::vector<models::usage_row>& shares) override;
  base::result<> add_to_hours(const std::vector<models::hourly_share>& shares) override;

 private:
  connection& database_;
};

class delta_table final : public services::usage_delta_journal {
 public:
  explicit delta_table(connection& database) noexcept : database_(database) {}
  base::result<> append(const models::usage_batch& batch,
                        const std::vector<models::usage_delta>& deltas) override;
  base::result<std::vector<models::usage_delta>> find(const services::batch_name& batch) override;

 private:
  connection& database_;
};

class backlog_table final : public services::usage_backlog {
 public:
  explicit backlog_table(connection& database) noexcept : database_(database) {}
  base::result<std::vector<services::batch_name>> oldest(std::size_t most) override;
  base::result<> remove(const std::vector<services::batch_name>& batches) override;
  base::result<services::usage_backlog_state> state() override;

 private:
  connection& database_;
};

class worker_lease_table final : public services::worker_lease_repository {
 public:
  explicit worker_lease_table(connection& database) noexcept : database_(database) {}
  base::result<std::optional<services::worker_lease>> find(const std::string& name) override;
  base::result<> save(const services::worker_lease& lease) override;

 private:
  connection& database_;
};

}
