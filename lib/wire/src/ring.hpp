#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

namespace httvps::wire {

template <typename Value>
class ring {
 public:
  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return capacity_; }

  Value& operator[](std::size_t index) noexcept { return cells_[slot(index)]; }
  const Value& operator[](std::size_t index) const noexcept { return cells_[slot(index)]; }
  Value& front() noexcept { return (*this)[0]; }
  const Value& front() const noexcept { return (*this)[0]; }
  Value& back() noexcept { return (*this)[size_ - 1]; }
  const Value& back() const noexcept { return (*this)[size_ - 1]; }

  void push_back(Value value) {
    if (size_ == capacity_) {
      grow();
    }
    cells_[slot(size_)] = std::move(value);
    ++size_;
  }

  void push_front(Value value) {
    if (size_ == capacity_) {
      grow();
    }
    head_ = (head_ + capacity_ - 1) & (capacity_ - 1);
    cells_[head_] = std::move(value);
    ++size_;
  }

  void pop_front() noexcept {
    front() = Value{};
    head_ = slot(1);
    --size_;
    release_if_empty();
  }

  void pop_back() noexcept {
    back() = Value{};
    --size_;
    release_if_empty();
  }

  void clear() noexcept {
    cells_.reset();
    capacity_ = head_ = size_ = 0;
  }

 private:
  static constexpr std::size_t first_capacity = 4;
  static constexpr std::size_t idle_capacity_most = 16;

  std::size_t slot(std::size_t index) const noexcept { return (head_ + index) & (capacity_ - 1); }

  void grow() {
    const std::size_t wider = std::max(first_capacity, capacity_ * 2);
    auto cells = std::make_unique<Value[]>(wider);
    for (std::size_t i = 0; i < size_; ++i) {
      cells[i] = std::move((*this)[i]);
    }
    cells_ = std::move(cells);
    capacity_ = wider;
    head_ = 0;
  }

  void release_if_empty() noexcept {
    if (size_ == 0 && capacity_ > idle_capacity_most) {
      clear();
    }
  }

  std::unique_ptr<Value[]> cells_;
  std::size_t capacity_ = 0;
  std::size_t head_ = 0;
  std::size_t size_ = 0;
};

}
