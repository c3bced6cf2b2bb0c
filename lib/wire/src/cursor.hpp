#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "httvps/base/error.hpp"
#include "httvps/wire/errc.hpp"
#include "httvps/wire/varint.hpp"

namespace httvps::wire {

class cursor {
 public:
  explicit cursor(base::byte_view bytes) noexcept : rest_(bytes) {}

  base::byte_view rest() const noexcept { return rest_; }
  bool at_end() const noexcept { return rest_.empty(); }

  base::result<std::uint64_t> number() {
    const auto found = read_varint(rest_);
    if (!found) {
      return base::fail(errc::frame_malformed);
    }
    rest_ = rest_.subspan(found->size);
    return found->value;
  }

  base::result<std::uint8_t> byte() {
    HTTVPS_TRY(const auto one, bytes(1));
    return one[0];
  }

  base::result<base::byte_view> bytes(std::uint64_t count) {
    if (count > rest_.size()) {
      return base::fail(errc::frame_malformed);
    }
    const auto head = rest_.first(static_cast<std::size_t>(count));
    rest_ = rest_.subspan(head.size());
    return head;
  }

  template <std::size_t Size>
  base::result<base::byte_array<Size>> array() {
    HTTVPS_TRY(const auto head, bytes(Size));
    base::byte_array<Size> copy;
    std::ranges::copy(head, copy.begin());
    return copy;
  }

  base::result<std::uint16_t> port() {
    HTTVPS_TRY(const auto two, bytes(2));
    return static_cast<std::uint16_t>(two[0] << 8U | two[1]);
  }

  base::result<std::string_view> text(std::uint64_t most) {
    HTTVPS_TRY(const auto size, number());
    if (size > most) {
      return base::fail(errc::frame_malformed);
    }
    HTTVPS_TRY(const auto body, bytes(size));
    return base::as_text(body);
  }

 private:
  base::byte_view rest_;
};

}
