#pragma once

#include "connection.hpp"
#include "httvps/backend/services/figure_repository.hpp"

namespace httvps::backend::storage {

class figure_table final : public services::figure_repository {
 public:
  explicit figure_table(connection& database) noexcept : database_(database) {}
  base::result<services::key_figures> keys() override;
  base::result<std::uint64_t> widest_key_lag() override;
  base::result<services::counted_window> subscriptions(const services::standing_window& window,
                                                       base::system_time now) override;
  base::result<services::credential_standing> credentials() override;

 private:
  connection& database_;
};

}
