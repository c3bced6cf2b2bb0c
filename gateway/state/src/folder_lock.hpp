#pragma once

#include <string>

#include "httvps/base/error.hpp"

namespace httvps::gateway {

class folder_lock {
 public:
  static base::result<folder_lock> take(const std::string& folder);
  folder_lock(folder_lock&& other) noexcept;
  folder_lock& operator=(folder_lock&&) = delete;
  folder_lock(const folder_lock&) = delete;
  folder_lock& operator=(const folder_lock&) = delete;
  ~folder_lock();

 private:
  explicit folder_lock(int descriptor) noexcept : descriptor_(descriptor) {}

  int descriptor_ = -1;
};

}
