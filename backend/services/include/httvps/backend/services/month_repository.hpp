#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "httvps/backend/models/administration.hpp"
#include "httvps/backend/models/usage.hpp"
#include "httvps/base/error.hpp"

namespace httvps::backend::services {

inline constexpr std::uint32_t usage_month_schema = 26;

struct old_days {
  std::string before;
  std::size_t most = 0;
};

struct month_filter {
  std::optional<models::device_id> device = {};
  std::optional<models::node_id> node = {};
  std::string first_month = "0000-01";
  std::string last_month = "9999-12";
};

class month_repository {
 public:
  virtual ~month_repository() = default;
  virtual base::result<std::uint64_t> take_over(const old_days& wanted) = 0;
  virtual base::result<models::page<models::monthly_share>> list(
      const month_filter& filter, const models::page_request& wanted) = 0;
};

std::string key_of(const models::monthly_share& share);

}
