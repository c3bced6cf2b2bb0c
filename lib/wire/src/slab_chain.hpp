#pragma once

#include "httvps/base/error.hpp"
#include "httvps/base/slab.hpp"
#include "httvps/wire/types.hpp"
#include "ring.hpp"

namespace httvps::wire {

class slab_chain {
 public:
  base::result<void> append(byte_view payload, base::slab_pool& pool);
  void join(slab_chain&& behind);
  void drop_front(byte_count count) noexcept;
  void clear() noexcept;

  byte_view front() const noexcept {
    return blocks_.empty() ? byte_view{} : blocks_.front().view();
  }
  byte_count size() const noexcept { return size_; }
  byte_count capacity() const noexcept { return capacity_; }

 private:
  void swallow_small(slab_chain& behind) noexcept;

  ring<base::slab> blocks_;
  byte_count size_ = 0;
  byte_count capacity_ = 0;
};

}
