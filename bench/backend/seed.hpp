#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "support/walk.hpp"

namespace httvps::bench {

struct population {
  std::size_t rows = 1'000'000;
  std::size_t devices = 1000;
  std::size_t gateways = 8;
  std::size_t nodes = 10;
};

inline constexpr std::size_t days_of_usage = 10;
inline constexpr std::size_t months_of_usage = 10;
inline constexpr std::size_t hours_a_day = 24;
inline constexpr std::size_t gateways_a_node = 64;
inline constexpr std::size_t held_a_gateway = 10'000;
inline constexpr std::string_view held_epoch = "0b";

std::string id_text(std::string_view prefix, std::size_t number);

class seeded_world {
 public:
  explicit seeded_world(const population& wanted);

  const population& people() const noexcept { return wanted_; }
  testing::walk& walk() noexcept { return walk_; }
  const testing::walk& walk() const noexcept { return walk_; }
  const std::string& credential(std::size_t number) const {
    return credentials_[number % credentials_.size()];
  }
  const std::string& token(std::size_t number) const { return tokens_[number % tokens_.size()]; }
  const std::string& node(std::size_t number) const { return nodes_[number % nodes_.size()]; }

 private:
  void add_pool();
  void fill_tables();
  void sign_tokens();

  population wanted_;
  testing::walk walk_;
  std::string plan_;
  std::vector<std::string> credentials_;
  std::vector<std::string> nodes_;
  std::vector<std::string> tokens_;
};

}
