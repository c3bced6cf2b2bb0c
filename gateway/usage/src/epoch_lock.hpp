#pragma once

#include <string>

#include "httvps/base/error.hpp"

namespace httvps::gateway {

class epoch_lock {
 public:
  static base::result<epoch_lock> take(const std::string& path);

  epoch_lock(epoch_lock&& other) noexcept;
  epoch_lock& operator=(epoch_lock&& other) noexcept;
  ~epoch_lock();

  void remove() noexcept;

 private:
  epoch_lock(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  std::string path_;
  int descriptor_ = -1;
};

}
