#include "thread_buffers.hpp"

#include <algorithm>

#include "httvps/base/random.hpp"

namespace httvps::net {

[[gnu::noinline]] thread_buffers& buffers_of_this_thread() {
  thread_local thread_buffers buffers;
  return buffers;
}

websocket_mask next_mask() {
  auto& buffers = buffers_of_this_thread();
  if (buffers.masks_left == 0) {
    base::secure_random().fill(buffers.masks);
    buffers.masks_left = mask_pool_size;
  }
  websocket_mask mask;
  buffers.masks_left -= mask.size();
  std::copy_n(buffers.masks.begin() + static_cast<std::ptrdiff_t>(buffers.masks_left), mask.size(),
              mask.begin());
  return mask;
}

}
