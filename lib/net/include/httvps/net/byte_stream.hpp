#pragma once

#include <cstddef>

#include "httvps/base/bytes.hpp"
#include "httvps/net/task.hpp"

namespace httvps::net {

class byte_stream {
 public:
  virtual ~byte_stream() = default;
  virtual base::result<std::size_t> try_read(base::byte_span space) = 0;
  virtual task<std::size_t> read_some(base::byte_span space, base::steady_time deadline) = 0;
  virtual task<> write_all(base::byte_view bytes, base::steady_time deadline) = 0;
  virtual task<> close(base::steady_time deadline) = 0;
};

}
