#pragma once

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"

namespace httvps::backend::storage {

class byte_sink {
 public:
  byte_sink() = default;
  byte_sink(const byte_sink&) = delete;
  byte_sink& operator=(const byte_sink&) = delete;
  virtual ~byte_sink() = default;

  virtual base::result<> write(base::byte_view content) = 0;
};

class byte_source {
 public:
  byte_source() = default;
  byte_source(const byte_source&) = delete;
  byte_source& operator=(const byte_source&) = delete;
  virtual ~byte_source() = default;

  virtual base::result<std::size_t> read(base::byte_span room) = 0;
};

}
