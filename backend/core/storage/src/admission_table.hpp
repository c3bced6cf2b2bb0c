#pragma once

#include "connection.hpp"
#include "httvps/backend/services/admission_repository.hpp"

namespace httvps::backend::storage {

class admission_table final : public services::admission_repository {
 public:
  explicit admission_table(connection& database) noexcept : database_(database) {}
  base::result<std::vector<std::optional<services::admission_facts>>> find(
      std::span<const services::admission_query> wanted, base::system_time now) override;
  base::result<std::vector<services::period_counts>> count(
      std::span<const services::period_name> periods, base::system_time renewed_after) override;
  base::result<> save_sessions(std::span<const models::known_session> sessions) override;
  base::result<> begin_use(std::span<const models::subscription> begun) override;
  base::result<> mark_seen(std::span<const services::seen_device> devices) override;

 private:
  connection& database_;
};

}
