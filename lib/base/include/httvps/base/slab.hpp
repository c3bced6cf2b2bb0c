#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "httvps/base/bytes.hpp"

namespace httvps::base {

class slab_pool;

class slab {
 public:
  slab() = default;
  slab(slab&& other) noexcept;
  slab& operator=(slab&& other) noexcept;
  slab(const slab&) = delete;
  slab& operator=(const slab&) = delete;
  ~slab() { release(); }

  explicit operator bool() const noexcept { return memory_ != nullptr; }
  std::size_t capacity() const noexcept { return capacity_; }
  std::size_t size() const noexcept { return filled_ - start_; }
  byte_view view() const noexcept { return {memory_ + start_, size()}; }
  byte_span free_space() noexcept { return {memory_ + filled_, capacity_ - filled_}; }
  void commit(std::size_t count) noexcept { filled_ += static_cast<std::uint32_t>(count); }
  void drop_front(std::size_t count) noexcept { start_ += static_cast<std::uint32_t>(count); }
  void release() noexcept;

 private:
  friend class slab_pool;
  slab(slab_pool* pool, std::uint8_t* memory, std::uint32_t capacity) noexcept
      : pool_(pool), memory_(memory), capacity_(capacity) {}

  slab_pool* pool_ = nullptr;
  std::uint8_t* memory_ = nullptr;
  std::uint32_t capacity_ = 0;
  std::uint32_t start_ = 0;
  std::uint32_t filled_ = 0;
};

inline constexpr std::size_t small_slab_size = 2048;
inline constexpr std::size_t large_slab_size = 16384;

class slab_pool {
 public:
  explicit slab_pool(byte_count limit) noexcept;
  slab_pool(const slab_pool&) = delete;
  slab_pool& operator=(const slab_pool&) = delete;
  ~slab_pool();

  slab acquire(std::size_t wanted);
  byte_count used() const noexcept;
  byte_count limit() const noexcept;
  bool under_pressure() const noexcept;
  std::size_t sharers() const noexcept;
  byte_count allowance(byte_count cap, byte_count least) const noexcept;
  void trim() noexcept;

 private:
  friend class slab;
  friend class pool_share;
  struct state;
  void give_back(std::uint8_t* memory, std::size_t capacity) noexcept;

  std::unique_ptr<state> state_;
};

class pool_share {
 public:
  explicit pool_share(slab_pool& pool) noexcept;
  pool_share(const pool_share&) = delete;
  pool_share& operator=(const pool_share&) = delete;
  ~pool_share();

 private:
  slab_pool& pool_;
};

}
