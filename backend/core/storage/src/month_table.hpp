#pragma once

#include "connection.hpp"
#include "httvps/backend/services/month_repository.hpp"

namespace httvps::backend::storage {

class month_table final : public services::month_repository {
 public:
  explicit month_table(connection& database) noexcept : database_(database) {}
  base::result<std::uint64_t> take_over(const services::old_days& wanted) override;
  base::result<models::page<models::monthly_share>> list(
      const services::month_filter& filter, const models::page_request& wanted) override;

 private:
  connection& database_;
};

}
