#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "httvps/backend/services/service_tools.hpp"

namespace httvps::backend::services {

inline constexpr std::size_t most_node_rows_forgotten = 5000;
inline constexpr int most_forgetting_steps = 10;

class node_days {
 public:
  node_days(const service_tools& tools, std::chrono::days kept) : tools_(tools), kept_(kept) {}

  base::result<std::uint64_t> forget() const;

 private:
  base::result<std::string> first_kept(repositories& tables) const;

  service_tools tools_;
  std::chrono::days kept_;
};

}
