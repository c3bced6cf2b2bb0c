#pragma once

#include <string_view>

#include "cursor.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/wire/frame.hpp"
#include "httvps/wire/limits.hpp"

namespace httvps::wire {

inline base::result<stream_id> read_stream(cursor& in) {
  HTTVPS_TRY(const auto number, in.number());
  return static_cast<stream_id>(number);
}

template <typename Entry>
base::result<Entry> read_entry(cursor& in);

template <>
inline base::result<stream_offset> read_entry(cursor& in) {
  HTTVPS_TRY(const auto stream, read_stream(in));
  HTTVPS_TRY(const auto offset, in.number());
  return stream_offset{stream, offset};
}

template <>
inline base::result<receive_state> read_entry(cursor& in) {
  HTTVPS_TRY(const auto stream, read_stream(in));
  HTTVPS_TRY(const auto received, in.number());
  HTTVPS_TRY(const auto limit, in.number());
  return receive_state{stream, received, limit};
}

template <typename Entry>
base::result<entry_list<Entry>> read_entries(cursor& in) {
  HTTVPS_TRY(const auto count, in.number());
  if (count > entries_most) {
    return base::fail(errc::frame_malformed);
  }
  const auto start = in.rest();
  for (std::uint64_t i = 0; i < count; ++i) {
    HTTVPS_CHECK(read_entry<Entry>(in));
  }
  const auto raw = start.first(start.size() - in.rest().size());
  return entry_list<Entry>(raw, static_cast<std::size_t>(count));
}

inline base::result<void> expect_end(const cursor& in) {
  if (!in.at_end()) {
    return base::fail(errc::frame_malformed);
  }
  return {};
}

inline base::result<std::string_view> read_sentence(cursor& in) {
  HTTVPS_TRY(const auto sentence, in.text(sentence_most));
  if (!base::is_valid_utf8(sentence)) {
    return base::fail(errc::frame_malformed);
  }
  return sentence;
}

}
