#include "httvps/base/slab.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <utility>

namespace httvps::base {
namespace {

constexpr std::size_t cached_per_class = 256;
constexpr std::size_t classes = 2;
constexpr byte_count slope_steps = 1024;

constexpr std::size_t class_of(std::size_t capacity) {
  return capacity == small_slab_size ? 0 : 1;
}

class block_cache {
 public:
  block_cache() = default;
  block_cache(const block_cache&) = delete;
  block_cache& operator=(const block_cache&) = delete;
  ~block_cache() { clear(); }

  std::uint8_t* take(std::size_t capacity) noexcept {
    auto& line = lines_[class_of(capacity)];
    if (line.count > 0) {
      return line.blocks[--line.count];
    }
    return static_cast<std::uint8_t*>(std::malloc(capacity));
  }

  void keep(std::uint8_t* memory, std::size_t capacity) noexcept {
    auto& line = lines_[class_of(capacity)];
    if (line.count < cached_per_class) {
      line.blocks[line.count++] = memory;
      return;
    }
    std::free(memory);
  }

  void clear() noexcept {
    for (auto& line : lines_) {
      std::for_each_n(line.blocks.begin(), line.count,
                      [](std::uint8_t* block) { std::free(block); });
      line.count = 0;
    }
  }

 private:
  struct cache_line {
    std::array<std::uint8_t*, cached_per_class> blocks{};
    std::size_t count = 0;
  };
  std::array<cache_line, classes> lines_;
};

block_cache& this_thread_cache() noexcept {
  thread_local block_cache cache;
  return cache;
}

}

struct slab_pool::state {
  explicit state(byte_count most) noexcept : limit(most) {}
  byte_count limit;
  std::atomic<byte_count> used{0};
  std::atomic<std::size_t> sharers{0};
};

slab::slab(slab&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)),
      memory_(std::exchange(other.memory_, nullptr)),
      capacity_(std::exchange(other.capacity_, 0)),
      start_(std::exchange(other.start_, 0)),
      filled_(std::exchange(other.filled_, 0)) {}

slab& slab::operator=(slab&& other) noexcept {
  if (this != &other) {
    release();
    pool_ = std::exchange(other.pool_, nullptr);
    memory_ = std::exchange(other.memory_, nullptr);
    capacity_ = std::exchange(other.capacity_, 0);
    start_ = std::exchange(other.start_, 0);
    filled_ = std::exchange(other.filled_, 0);
  }
  return *this;
}

void slab::release() noexcept {
  if (memory_ != nullptr) {
    pool_->give_back(memory_, capacity_);
    memory_ = nullptr;
    capacity_ = start_ = filled_ = 0;
  }
}

slab_pool::slab_pool(byte_count limit) noexcept : state_(std::make_unique<state>(limit)) {}

slab_pool::~slab_pool() = default;

slab slab_pool::acquire(std::size_t wanted) {
  const std::size_t capacity = wanted <= small_slab_size ? small_slab_size : large_slab_size;
  const auto before = state_->used.fetch_add(capacity, std::memory_order_relaxed);
  if (before + capacity > state_->limit) {
    state_->used.fetch_sub(capacity, std::memory_order_relaxed);
    return {};
  }
  auto* memory = this_thread_cache().take(capacity);
  if (memory == nullptr) {
    state_->used.fetch_sub(capacity, std::memory_order_relaxed);
    return {};
  }
  return {this, memory, static_cast<std::uint32_t>(capacity)};
}

void slab_pool::give_back(std::uint8_t* memory, std::size_t capacity) noexcept {
  state_->used.fetch_sub(capacity, std::memory_order_relaxed);
  this_thread_cache().keep(memory, capacity);
}

byte_count slab_pool::used() const noexcept {
  return state_->used.load(std::memory_order_relaxed);
}

byte_count slab_pool::limit() const noexcept {
  return state_->limit;
}

bool slab_pool::under_pressure() const noexcept {
  return used() > limit() / 5 * 4;
}

std::size_t slab_pool::sharers() const noexcept {
  return state_->sharers.load(std::memory_order_relaxed);
}

byte_count slab_pool::allowance(byte_count cap, byte_count least) const noexcept {
  const byte_count share = std::max(least, limit() / std::max<byte_count>(sharers(), 1));
  const byte_count calm = limit() / 5 * 4;
  const byte_count taken = std::min(used(), limit());
  if (taken <= calm || share >= cap) {
    return cap;
  }
  const byte_count steps = (taken - calm) * slope_steps / (limit() - calm);
  return cap - (cap - share) / slope_steps * steps;
}

pool_share::pool_share(slab_pool& pool) noexcept : pool_(pool) {
  pool_.state_->sharers.fetch_add(1, std::memory_order_relaxed);
}

pool_share::~pool_share() {
  pool_.state_->sharers.fetch_sub(1, std::memory_order_relaxed);
}

void slab_pool::trim() noexcept {
  this_thread_cache().clear();
}

}
