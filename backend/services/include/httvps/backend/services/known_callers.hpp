#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "httvps/backend/models/gateway.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::backend::services {

inline constexpr std::chrono::seconds caller_memory{2};
inline constexpr std::size_t known_callers_most = 4096;

struct calling_gateway {
  models::gateway gateway;
  models::credential credential;
};

struct caller_moment {
  std::uint64_t revision = 0;
  base::steady_time now;
};

class known_callers {
 public:
  explicit known_callers(std::size_t most = known_callers_most) noexcept : most_(most) {}

  std::optional<calling_gateway> find(const std::string& hash, const caller_moment& at) const;
  void keep(const std::string& hash, const caller_moment& at, calling_gateway caller);
  std::size_t size() const;

 private:
  struct known {
    calling_gateway caller;
    caller_moment learnt;
  };

  std::size_t most_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, known> callers_;
};

}
