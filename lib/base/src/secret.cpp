#include "httvps/base/secret.hpp"

#include <sodium.h>

namespace httvps::base {

bool equal_in_constant_time(byte_view left, byte_view right) noexcept {
  return left.size() == right.size() && sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

void wipe(byte_span bytes) noexcept {
  sodium_memzero(bytes.data(), bytes.size());
}

secret_bytes& secret_bytes::operator=(const secret_bytes& other) {
  if (this != &other) {
    wipe(bytes_);
    bytes_ = other.bytes_;
  }
  return *this;
}

secret_bytes& secret_bytes::operator=(secret_bytes&& other) noexcept {
  if (this != &other) {
    wipe(bytes_);
    bytes_ = std::move(other.bytes_);
    other.bytes_.clear();
  }
  return *this;
}

}
