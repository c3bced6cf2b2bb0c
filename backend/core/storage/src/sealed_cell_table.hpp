#pragma once

#include "connection.hpp"
#include "httvps/backend/services/sealed_cells.hpp"

namespace httvps::backend::storage {

class sealed_cell_table final : public services::sealed_cell_repository {
 public:
  explicit sealed_cell_table(connection& database) : database_(database) {}

  base::result<std::uint64_t> count(const services::sealed_column& from,
                                    std::string_view head) override;
  base::result<std::vector<services::sealed_value>> list(
      const services::sealed_column& from, const services::values_wanted& wanted) override;
  base::result<> replace(const services::sealed_column& in, const services::sealed_value& known,
                         std::string_view fresh) override;

 private:
  connection& database_;
};

}
