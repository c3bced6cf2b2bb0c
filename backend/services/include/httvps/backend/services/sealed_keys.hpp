#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>

#include "httvps/base/error.hpp"

namespace httvps::backend::services {

inline constexpr std::size_t sealed_keys_most = 4096;

class sealed_keys {
 public:
  explicit sealed_keys(std::size_t most = sealed_keys_most) noexcept : most_(most) {}

  base::result<std::string> find_or_make(const std::string& name,
                                         const std::function<base::result<std::string>()>& make);
  std::size_t size() const;

 private:
  std::size_t most_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::string> sealed_;
};

}
