#pragma once

#include <optional>
#include <vector>

#include "httvps/base/error.hpp"
#include "httvps/base/slab.hpp"
#include "httvps/wire/errc.hpp"
#include "httvps/wire/frame.hpp"
#include "httvps/wire/types.hpp"
#include "ring.hpp"

namespace httvps::wire {

struct byte_range {
  byte_count from = 0;
  byte_count to = 0;
  byte_count size() const noexcept { return to - from; }
};

enum class resend { allowed, held };

class send_half {
 public:
  struct ending {
    std::optional<errc> code;
    delivery when = delivery::immediate;
    byte_count final_offset = 0;
  };

  explicit send_half(byte_count limit) noexcept : limit_(limit) {}

  byte_span reserve(base::slab_pool& pool, std::size_t wanted);
  std::size_t commit(std::size_t count) noexcept;

  bool raise_limit(byte_count limit) noexcept;
  byte_count window_left() const noexcept { return limit_ - written_; }
  byte_count written() const noexcept { return written_; }
  byte_count sent() const noexcept { return sent_; }
  byte_count unacknowledged() const noexcept { return written_ - freed_; }
  byte_count acknowledged() const noexcept { return acknowledged_; }
  byte_count awaiting_repeat() const noexcept;
  byte_count unanswered_on(carrier_number carrier) const noexcept;

  std::optional<byte_range> next_range(std::size_t most,
                                       resend lost = resend::allowed) const noexcept;
  void copy_out(byte_range range, byte_span out) const noexcept;
  void mark_sent(byte_range range, carrier_number carrier);

  base::result<byte_count> acknowledge(byte_count offset);
  void lose(carrier_number carrier);

  void end(ending how) noexcept;
  void confirm_end() noexcept { done_ = true; }
  byte_count abandon() noexcept;
  void rewind(byte_count limit) noexcept;
  const std::optional<ending>& end_state() const noexcept { return ending_; }
  bool ending_due() const noexcept;
  void mark_ending_sent(carrier_number carrier) noexcept {
    ending_carrier_ = carrier;
    ending_was_sent_ = true;
  }
  bool done() const noexcept { return done_; }

 private:
  struct block {
    byte_count start = 0;
    base::slab bytes;
  };
  struct sent_range {
    carrier_number carrier{};
    byte_range range;
  };

  void free_below(byte_count offset) noexcept;
  std::size_t block_holding(byte_count offset) const noexcept;
  bool confirms_end(byte_count offset) const noexcept;

  ring<block> blocks_;
  std::vector<sent_range> ranges_;
  std::vector<byte_range> again_;
  std::optional<ending> ending_;
  carrier_number ending_carrier_{};
  byte_count limit_;
  byte_count written_ = 0;
  byte_count sent_ = 0;
  byte_count acknowledged_ = 0;
  byte_count freed_ = 0;
  bool ending_was_sent_ = false;
  bool ending_replaced_ = false;
  bool done_ = false;
};

}
