#pragma once

#include <sodium.h>

#include <string>

#include "httvps/base/bytes.hpp"

namespace httvps::backend::core {

class sha256_stream {
 public:
  sha256_stream() noexcept;

  void add(base::byte_view content) noexcept;
  std::string finish();

 private:
  crypto_hash_sha256_state state_;
};

}
