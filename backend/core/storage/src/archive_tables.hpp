#pragma once

#include "connection.hpp"
#include "httvps/backend/services/roll_up_repositories.hpp"

namespace httvps::backend::storage {

class hours_table final : public services::usage_hours {
 public:
  explicit hours_table(connection& database) noexcept : database_(database) {}
  base::result<std::vector<models::hourly_share>> page(
      const services::share_filter& wanted) override;
  base::result<models::traffic> total(const services::hour_range& range) override;
  base::result<std::vector<models::path_share>> by_path(const services::hour_range& range) override;
  base::result<std::optional<std::string>> oldest() override;
  base::result<> remove(const std::string& hour) override;

 private:
  connection& database_;
};

class archive_table final : public services::usage_archive {
 public:
  explicit archive_table(connection& database) noexcept : database_(database) {}
  base::result<std::vector<services::batch_name>> settled(
      const services::settled_batches& wanted) override;
  base::result<> remove(const std::vector<services::batch_name>& batches) override;
  base::result<std::uint64_t> missing_batches() override;

 private:
  connection& database_;
};

}
