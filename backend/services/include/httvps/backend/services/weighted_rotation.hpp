#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>

namespace httvps::backend::services {

struct weighted_choice {
  std::string name;
  std::uint32_t weight = 1;
};

class weighted_rotation {
 public:
  std::optional<std::size_t> pick(const std::string& group,
                                  std::span<const weighted_choice> choices);

 private:
  using weights = std::map<std::string, std::int64_t>;

  std::mutex mutex_;
  std::map<std::string, weights> groups_;
};

}
