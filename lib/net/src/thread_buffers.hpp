#pragma once

#include <memory>

#include "httvps/base/bytes.hpp"
#include "httvps/net/tls_engine.hpp"
#include "httvps/net/websocket.hpp"

namespace httvps::net {

inline constexpr std::size_t receive_size = 128 * 1024;
inline constexpr std::size_t plaintext_size = 160 * 1024;
inline constexpr std::size_t record_size = 16384;
inline constexpr std::size_t staging_size = 4 * record_size;
inline constexpr std::size_t output_capacity = 352 * 1024;
inline constexpr std::size_t mask_pool_size = 1024;

template <typename Content>
class exclusive {
 public:
  explicit exclusive(Content content) : content_(std::move(content)) {}

 private:
  template <typename>
  friend class borrowed;
  Content content_;
  bool taken_ = false;
};

template <typename Content>
class borrowed {
 public:
  explicit borrowed(exclusive<Content>& source) noexcept
      : source_(source.taken_ ? nullptr : &source) {
    if (source_ != nullptr) {
      source_->taken_ = true;
    }
  }
  borrowed(const borrowed&) = delete;
  borrowed& operator=(const borrowed&) = delete;
  ~borrowed() {
    if (source_ != nullptr) {
      source_->taken_ = false;
    }
  }

  explicit operator bool() const noexcept { return source_ != nullptr; }
  Content& operator*() const noexcept { return source_->content_; }

 private:
  exclusive<Content>* source_;
};

class fixed_bytes {
 public:
  explicit fixed_bytes(std::size_t size)
      : memory_(std::make_unique_for_overwrite<std::uint8_t[]>(size)), size_(size) {}
  base::byte_span span() noexcept { return {memory_.get(), size_}; }

 private:
  std::unique_ptr<std::uint8_t[]> memory_;
  std::size_t size_;
};

struct thread_buffers {
  exclusive<fixed_bytes> received{fixed_bytes(receive_size)};
  exclusive<fixed_bytes> plaintext{fixed_bytes(plaintext_size)};
  exclusive<fixed_bytes> staging{fixed_bytes(staging_size)};
  exclusive<ciphertext_buffer> output{ciphertext_buffer(output_capacity)};
  exclusive<ciphertext_buffer> control{ciphertext_buffer(record_size)};
  base::byte_array<mask_pool_size> masks = {};
  std::size_t masks_left = 0;
};

using borrowed_bytes = borrowed<fixed_bytes>;
using borrowed_output = borrowed<ciphertext_buffer>;

thread_buffers& buffers_of_this_thread();
websocket_mask next_mask();

}
