#pragma once

#include <chrono>
#include <cstdint>

#include "httvps/backend/services/service_tools.hpp"

namespace httvps::backend::services {

inline constexpr std::size_t most_days_taken_over = 5000;
inline constexpr int most_take_overs = 10;

class usage_months {
 public:
  usage_months(const service_tools& tools, std::chrono::days kept) : tools_(tools), kept_(kept) {}

  base::result<std::uint64_t> run() const;

 private:
  service_tools tools_;
  std::chrono::days kept_;
};

}
