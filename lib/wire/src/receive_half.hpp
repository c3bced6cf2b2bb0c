#pragma once

#include <optional>

#include "ahead_bytes.hpp"
#include "httvps/base/clock.hpp"
#include "httvps/base/error.hpp"
#include "httvps/base/slab.hpp"
#include "httvps/wire/errc.hpp"
#include "httvps/wire/frame.hpp"
#include "httvps/wire/types.hpp"
#include "slab_chain.hpp"

namespace httvps::wire {

class receive_half {
 public:
  struct ending {
    std::optional<errc> code;
    delivery when = delivery::immediate;
    byte_count final_offset = 0;
  };

  explicit receive_half(byte_count window) noexcept : limit_(window), window_(window) {}

  base::result<byte_count> note_extent(byte_count end);
  base::result<void> keep(byte_count offset, byte_view payload, base::slab_pool& pool);
  base::result<void> keep_ahead(byte_count offset, byte_view payload, base::slab_pool& pool);
  void absorb_ahead();
  void advance(std::size_t count) noexcept { received_ += count; }
  void skip_to(byte_count offset) noexcept;

  byte_view peek() const noexcept { return buffer_.front(); }
  void consume(std::size_t count) noexcept;
  void note_consumed(std::size_t count) noexcept { consumed_ += count; }
  byte_count discard() noexcept;

  base::result<void> end(ending how);
  const std::optional<ending>& end_state() const noexcept { return ending_; }
  bool complete() const noexcept { return ending_ && received_ == ending_->final_offset; }
  bool drained() const noexcept { return complete() && consumed_ == ending_->final_offset; }
  byte_count acknowledgement() const noexcept { return complete() ? received_ + 1 : received_; }

  byte_count received() const noexcept { return received_; }
  byte_count consumed() const noexcept { return consumed_; }
  byte_count highest() const noexcept { return highest_; }
  byte_count limit() const noexcept { return limit_; }
  byte_count window() const noexcept { return window_; }
  byte_count buffered() const noexcept { return buffer_.size(); }
  byte_count unannounced() const noexcept { return consumed_ + window_ - limit_; }
  bool has_gaps() const noexcept { return !ahead_.empty(); }
  byte_count held_ahead() const noexcept { return ahead_.capacity(); }

  byte_count announce() noexcept;
  void widen(byte_count window) noexcept { window_ = window; }

 private:
  slab_chain buffer_;
  ahead_bytes ahead_;
  std::optional<ending> ending_;
  byte_count limit_;
  byte_count window_;
  byte_count received_ = 0;
  byte_count highest_ = 0;
  byte_count consumed_ = 0;
};

}
