#include "snapshot_records.hpp"

#include "httvps/backend/storage/errc.hpp"

namespace httvps::backend::storage {
namespace {

constexpr std::size_t prefix_bytes = 5;
constexpr std::size_t most_content = 16 * base::mebibyte;

using record_prefix = base::byte_array<prefix_bytes>;

record_prefix prefix_of(record_kind kind, std::size_t size) {
  record_prefix prefix{static_cast<std::uint8_t>(kind)};
  for (std::size_t i = 1; i < prefix.size(); ++i) {
    prefix[i] = static_cast<std::uint8_t>(size >> (8 * (prefix.size() - 1 - i)));
  }
  return prefix;
}

std::size_t size_in(const record_prefix& prefix) {
  std::size_t size = 0;
  for (std::size_t i = 1; i < prefix.size(); ++i) {
    size = size << 8U | prefix[i];
  }
  return size;
}

}

base::result<> record_writer::write(record_kind kind, std::string_view content) {
  if (content.size() > most_content) {
    return base::fail(errc::snapshot_row_too_large);
  }
  HTTVPS_CHECK(to_.write(prefix_of(kind, content.size())));
  return to_.write(base::as_bytes(content));
}

base::result<> record_reader::fill(base::byte_span room) {
  while (!room.empty()) {
    HTTVPS_TRY(const auto count, from_.read(room));
    if (count == 0) {
      return base::fail(errc::snapshot_invalid);
    }
    room = room.subspan(count);
  }
  return {};
}

base::result<snapshot_record> record_reader::next() {
  record_prefix prefix{};
  HTTVPS_CHECK(fill(prefix));
  const auto size = size_in(prefix);
  if (size > most_content) {
    return base::fail(errc::snapshot_invalid);
  }
  snapshot_record read{.kind = static_cast<record_kind>(prefix.front()), .content = {}};
  read.content.resize(size);
  HTTVPS_CHECK(fill({reinterpret_cast<std::uint8_t*>(read.content.data()), size}));
  return read;
}

base::result<> record_reader::require_end() {
  base::byte_array<1> more{};
  HTTVPS_TRY(const auto count, from_.read(more));
  return count == 0 ? base::result<>() : base::fail(errc::snapshot_invalid);
}

}
