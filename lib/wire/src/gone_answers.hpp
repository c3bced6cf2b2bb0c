#pragma once

#include <vector>

#include "httvps/wire/frame_encoder.hpp"
#include "httvps/wire/types.hpp"

namespace httvps::wire {

class gone_answers {
 public:
  void acknowledge(stream_id stream, byte_count final_offset);
  void refuse(stream_id stream);
  bool empty() const noexcept { return answers_.empty(); }
  std::size_t size() const noexcept { return answers_.size(); }
  void write(frame_writer& out);
  void clear() noexcept { answers_.clear(); }

 private:
  struct answer {
    stream_id stream{};
    byte_count acknowledgement = 0;
    bool refused = false;
  };

  answer* place(stream_id stream);
  static bool put(const answer& what, frame_writer& out);

  std::vector<answer> answers_;
};

}
