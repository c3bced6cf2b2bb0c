#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "connection.hpp"
#include "httvps/backend/services/usage_repositories.hpp"

namespace httvps::backend::storage {

class unposted_table final : public services::unposted_usage {
 public:
  explicit unposted_table(connection& database) noexcept : database_(database) {}
  base::result<> insert(const services::accepted_usage& batch) override;
  base::result<std::optional<services::accepted_usage>> find(
      const services::batch_name& name) override;
  base::result<> remove(const services::batch_name& name) override;
  base::result<std::vector<services::batch_name>> oldest(
      const services::waiting_batches& wanted) override;

 private:
  connection& database_;
};

std::string and_all_posted(std::uint32_t schema, std::string_view owner);

}
