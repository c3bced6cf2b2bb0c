#include "httvps/base/secret.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace httvps::base {

namespace {

std::uint64_t word_at(byte_view bytes, std::size_t at) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes.data() + at, std::min(sizeof word, bytes.size() - at));
  return word;
}

}

bool equal_in_constant_time(byte_view left, byte_view right) noexcept {
  if (left.size() != right.size()) {
    return false;
  }
  volatile std::uint64_t difference = 0;
  for (std::size_t at = 0; at < left.size(); at += sizeof(std::uint64_t)) {
    difference = difference | (word_at(left, at) ^ word_at(right, at));
  }
  return difference == 0;
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
