#include <algorithm>

#include "cursor.hpp"
#include "httvps/wire/frame_decoder.hpp"
#include "httvps/wire/limits.hpp"

namespace httvps::wire {
namespace {

using base::fail;
using base::result;

bool is_known(std::uint64_t kind) {
  return kind <= static_cast<std::uint64_t>(frame_kind::notice);
}

byte_view take(byte_view& input, std::size_t count) {
  const auto head = input.first(std::min(count, input.size()));
  input = input.subspan(head.size());
  return head;
}

}

result<std::optional<frame_reader::head>> frame_reader::parse_head(byte_view bytes) const {
  const auto kind = read_varint(bytes);
  if (!kind) {
    return std::nullopt;
  }
  if (kind->size != varint_size(kind->value)) {
    return fail(errc::frame_malformed);
  }
  if (!is_known(kind->value) && kind->value < first_skippable_kind) {
    return fail(errc::unknown_frame);
  }
  const auto length = read_varint(bytes.subspan(kind->size));
  if (!length) {
    return std::nullopt;
  }
  if (length->value > frame_body_most) {
    return fail(errc::frame_too_large);
  }
  return head{kind->value, static_cast<std::size_t>(length->value), kind->size + length->size};
}

void frame_reader::skip(byte_view& input) {
  skip_ -= take(input, skip_).size();
}

std::optional<frame> frame_reader::continue_data(byte_view& input) {
  if (input.empty()) {
    return std::nullopt;
  }
  const auto piece = take(input, streaming_->left);
  const data_frame data{streaming_->stream, streaming_->offset, piece};
  streaming_->offset += piece.size();
  streaming_->left -= piece.size();
  if (streaming_->left == 0) {
    streaming_.reset();
  }
  return data;
}

result<std::optional<frame>> frame_reader::begin_data(const head& found, byte_view& input) {
  const cursor in(input.subspan(found.size));
  const auto stream = read_varint(in.rest());
  const auto offset = stream ? read_varint(in.rest().subspan(stream->size)) : std::nullopt;
  if (!offset) {
    const bool too_short = input.size() - found.size >= found.body;
    return too_short ? result<std::optional<frame>>(fail(errc::frame_malformed)) : std::nullopt;
  }
  const std::size_t prefix = stream->size + offset->size;
  if (found.body <= prefix) {
    return fail(errc::frame_malformed);
  }
  if (found.body - prefix > data_payload_most) {
    return fail(errc::frame_too_large);
  }
  streaming_ = {static_cast<stream_id>(stream->value), offset->value, found.body - prefix};
  take(input, found.size + prefix);
  return continue_data(input);
}

result<std::optional<frame>> frame_reader::read_whole(const head& found, byte_view& input) {
  if (input.size() < found.size + found.body) {
    return std::nullopt;
  }
  const auto body = input.subspan(found.size, found.body);
  HTTVPS_TRY(auto decoded, decode_body(static_cast<frame_kind>(found.kind), body));
  input = input.subspan(found.size + found.body);
  return decoded;
}

result<std::optional<frame>> frame_reader::read_from(byte_view& input) {
  while (!input.empty()) {
    HTTVPS_TRY(const auto found, parse_head(input));
    if (!found) {
      return std::nullopt;
    }
    if (is_known(found->kind)) {
      return static_cast<frame_kind>(found->kind) == frame_kind::data ? begin_data(*found, input)
                                                                      : read_whole(*found, input);
    }
    skip_ = found->body;
    take(input, found->size);
    skip(input);
  }
  return std::nullopt;
}

result<std::optional<frame>> frame_reader::refill(byte_view& input) {
  while (!input.empty()) {
    HTTVPS_TRY(const auto found, parse_head(carry_));
    const bool whole_needed = found && static_cast<frame_kind>(found->kind) != frame_kind::data;
    const std::size_t wanted =
        whole_needed ? found->size + found->body - carry_.size() : std::size_t{1};
    base::append(carry_, take(input, wanted));
    byte_view held = carry_;
    HTTVPS_TRY(auto decoded, read_from(held));
    if (decoded || streaming_ || skip_ > 0 || held.empty()) {
      carry_spent_ = true;
      return decoded;
    }
  }
  return std::nullopt;
}

result<std::optional<frame>> frame_reader::next(byte_view& input) {
  if (carry_spent_) {
    carry_ = {};
    carry_spent_ = false;
  }
  skip(input);
  if (streaming_) {
    return continue_data(input);
  }
  if (!carry_.empty()) {
    HTTVPS_TRY(auto decoded, refill(input));
    if (decoded || carry_.empty() || !carry_spent_) {
      return decoded;
    }
    return next(input);
  }
  HTTVPS_TRY(auto decoded, read_from(input));
  if (!decoded && !streaming_ && skip_ == 0 && !input.empty()) {
    base::append(carry_, take(input, input.size()));
  }
  return decoded;
}

}
