#pragma once

#include <cstdint>
#include <vector>

#include "httvps/wire/types.hpp"

namespace httvps::wire {

class id_intervals {
 public:
  enum class outcome { added, known, too_many };

  outcome add(stream_id stream);
  bool contains(stream_id stream) const noexcept;
  std::size_t size() const noexcept { return intervals_.size(); }
  stream_id highest() const noexcept;

 private:
  struct interval {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
  };
  std::vector<interval> intervals_;
};

}
