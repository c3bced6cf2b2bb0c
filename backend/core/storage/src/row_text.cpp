#include "row_text.hpp"

#include <fmt/format.h>

#include <charconv>

#include "httvps/backend/storage/errc.hpp"

namespace httvps::backend::storage {
namespace {

template <typename Number>
base::result<Number> take_number(std::string_view& text, char terminator) {
  Number number = 0;
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || read.ptr == end || *read.ptr != terminator) {
    return base::fail(errc::snapshot_invalid);
  }
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()) + 1);
  return number;
}

base::result<cell> take_text(std::string_view& text) {
  HTTVPS_TRY(const auto size, take_number<std::size_t>(text, ':'));
  if (size > text.size()) {
    return base::fail(errc::snapshot_invalid);
  }
  cell taken = std::string(text.substr(0, size));
  text.remove_prefix(size);
  return taken;
}

base::result<cell> take_integer(std::string_view& text) {
  HTTVPS_TRY(const auto number, take_number<std::int64_t>(text, ';'));
  return cell(number);
}

base::result<cell> take_cell(std::string_view& text, column_kind kind) {
  if (text.empty()) {
    return base::fail(errc::snapshot_invalid);
  }
  const char mark = text.front();
  text.remove_prefix(1);
  if (mark == 'n') {
    return cell();
  }
  if (mark == 't' && kind == column_kind::text) {
    return take_text(text);
  }
  if (mark == 'i' && kind == column_kind::number) {
    return take_integer(text);
  }
  return base::fail(errc::snapshot_invalid);
}

}

void append_row(std::string& text, const cells& row) {
  for (const auto& value : row) {
    if (const auto* letters = std::get_if<std::string>(&value)) {
      fmt::format_to(std::back_inserter(text), "t{}:", letters->size());
      text.append(*letters);
    } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
      fmt::format_to(std::back_inserter(text), "i{};", *number);
    } else {
      text += 'n';
    }
  }
}

base::result<cells> parse_row(std::string_view text, std::span<const column_kind> kinds) {
  cells row;
  row.reserve(kinds.size());
  for (const auto kind : kinds) {
    HTTVPS_TRY(auto value, take_cell(text, kind));
    row.push_back(std::move(value));
  }
  return text.empty() ? base::result<cells>(std::move(row)) : base::fail(errc::snapshot_invalid);
}

}
