#pragma once

#include <string>
#include <string_view>

#include "httvps/base/bytes.hpp"

namespace httvps::base {

bool equal_in_constant_time(byte_view left, byte_view right) noexcept;
void wipe(byte_span bytes) noexcept;

class secret_bytes {
 public:
  secret_bytes() = default;
  explicit secret_bytes(byte_vector bytes) noexcept : bytes_(std::move(bytes)) {}
  explicit secret_bytes(byte_view bytes) : bytes_(bytes.begin(), bytes.end()) {}
  static secret_bytes from_text(std::string_view text) { return secret_bytes(as_bytes(text)); }
  secret_bytes(const secret_bytes&) = default;
  secret_bytes(secret_bytes&& other) noexcept : bytes_(std::move(other.bytes_)) {
    other.bytes_.clear();
  }
  secret_bytes& operator=(const secret_bytes& other);
  secret_bytes& operator=(secret_bytes&& other) noexcept;
  ~secret_bytes() { wipe(bytes_); }

  byte_view reveal() const noexcept { return bytes_; }
  std::string_view reveal_text() const noexcept { return as_text(bytes_); }
  bool empty() const noexcept { return bytes_.empty(); }
  std::size_t size() const noexcept { return bytes_.size(); }
  friend bool operator==(const secret_bytes& left, const secret_bytes& right) noexcept {
    return equal_in_constant_time(left.bytes_, right.bytes_);
  }

 private:
  byte_vector bytes_;
};

inline constexpr std::string_view redacted = "[redacted]";

}
