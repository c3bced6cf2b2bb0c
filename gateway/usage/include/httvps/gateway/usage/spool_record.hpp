#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"
#include "httvps/gateway/control/messages.hpp"
#include "httvps/gateway/usage/errc.hpp"

namespace httvps::gateway {

inline constexpr std::size_t spool_head_size = 8;
inline constexpr std::size_t spool_record_most = 2 * base::mebibyte;

enum class segment_kind : std::uint8_t { continued, compacted };

struct segment_opening {
  std::string epoch;
  std::uint64_t last_sequence = 0;
  std::uint64_t acked_through = 0;
  segment_kind kind = segment_kind::continued;
};

struct kept_rows {
  std::vector<usage_row> rows;
};

struct sealed_batch {
  std::uint64_t sequence = 0;
  std::int64_t sealed_at = 0;
  std::vector<usage_row> rows;
};

struct acknowledgement_mark {
  std::uint64_t through = 0;
};

using spool_record = std::variant<segment_opening, kept_rows, sealed_batch, acknowledgement_mark>;

base::byte_vector encode_record(const spool_record& record);
base::result<std::size_t> record_size(base::byte_view head);
base::result<spool_record> decode_record(base::byte_view bytes);

}
