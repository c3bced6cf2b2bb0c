#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace httvps::backend::selection {

struct grant_rules {
  std::size_t nodes_a_gateway = 8;
  std::size_t gateways_a_node = 3;
};

struct node_grant {
  std::string gateway;
  std::string node;
  std::size_t rank = 0;

  bool operator==(const node_grant&) const = default;
};

std::uint64_t rendezvous_hash(std::string_view key, std::string_view candidate) noexcept;
double rendezvous_score(std::uint64_t hash, double weight) noexcept;
std::vector<node_grant> plan_grants(std::span<const std::string> gateways,
                                    std::span<const std::string> nodes,
                                    const grant_rules& rules = {});

}
