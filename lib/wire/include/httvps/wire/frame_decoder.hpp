#pragma once

#include <optional>

#include "httvps/base/error.hpp"
#include "httvps/wire/frame.hpp"

namespace httvps::wire {

base::result<frame> decode_body(frame_kind kind, byte_view body);

class frame_reader {
 public:
  frame_reader() = default;

  base::result<std::optional<frame>> next(byte_view& input);
  bool is_between_frames() const noexcept { return carry_.empty() && !streaming_ && skip_ == 0; }
  std::size_t buffered() const noexcept { return carry_.size(); }

 private:
  struct head {
    std::uint64_t kind = 0;
    std::size_t body = 0;
    std::size_t size = 0;
  };
  struct data_progress {
    stream_id stream{};
    byte_count offset = 0;
    std::size_t left = 0;
  };

  base::result<std::optional<frame>> read_from(byte_view& input);
  base::result<std::optional<frame>> read_whole(const head& found, byte_view& input);
  base::result<std::optional<frame>> begin_data(const head& found, byte_view& input);
  std::optional<frame> continue_data(byte_view& input);
  base::result<std::optional<frame>> refill(byte_view& input);
  base::result<std::optional<head>> parse_head(byte_view bytes) const;
  void skip(byte_view& input);

  base::byte_vector carry_;
  bool carry_spent_ = false;
  std::optional<data_progress> streaming_;
  std::size_t skip_ = 0;
};

}
