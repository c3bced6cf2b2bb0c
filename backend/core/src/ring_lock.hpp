#pragma once

#include <chrono>
#include <string>

#include "httvps/base/error.hpp"

namespace httvps::backend::core {

inline constexpr std::chrono::seconds ring_patience{10};

class ring_lock {
 public:
  static base::result<ring_lock> take(const std::string& ring_path,
                                      std::chrono::milliseconds patience = ring_patience);
  ring_lock(ring_lock&& other) noexcept;
  ring_lock& operator=(ring_lock&&) = delete;
  ~ring_lock();

 private:
  explicit ring_lock(int descriptor) noexcept : descriptor_(descriptor) {}

  int descriptor_;
};

}
