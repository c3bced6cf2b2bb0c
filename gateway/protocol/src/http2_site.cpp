#include "httvps/gateway/protocol/http2_site.hpp"

#include <algorithm>
#include <utility>

#include "http2_request.hpp"
#include "httvps/gateway/protocol/builtin_site.hpp"
#include "httvps/net/error.hpp"
#include "httvps/net/http2_link.hpp"

namespace httvps::gateway {
namespace {

using net::http2_code;
using net::http2_type;
namespace http2_flag = net::http2_flag;

constexpr std::size_t output_at_once = 64 * 1024;
constexpr std::size_t priorities_most = 128;
constexpr std::uint64_t useless_bytes_free = 1024 * 1024;
constexpr std::uint64_t useless_share = 8;
constexpr net::http2_header_limits header_limits = {
    .block = 64 * 1024, .fields = 1000, .decoded = 48 * 1024, .continuations = 16};

}

http2_site::http2_site(const base::clock& clock)
    : clock_(clock),
      frames_(net::http2_largest_frame),
      headers_(header_limits),
      writer_(0),
      output_(net::http2_server_settings()) {}

base::byte_vector http2_site::take_output() {
  return std::exchange(output_, std::exchange(resets_, {}));
}

void http2_site::fail(http2_code code) {
  net::append_goaway(output_, last_stream_, code);
  over_ = true;
}

void http2_site::say_goodbye() {
  if (!std::exchange(leaving_, true)) {
    net::append_goaway(output_, last_stream_, http2_code::no_error);
  }
  over_ = true;
}

bool http2_site::match_preface(base::byte_span& input) {
  const auto wanted = base::as_bytes(net::http2_preface).subspan(preface_seen_);
  const auto count = std::min(wanted.size(), input.size());
  const bool fits = std::ranges::equal(input.first(count), wanted.first(count));
  preface_seen_ += count;
  input = input.subspan(count);
  return fits;
}

void http2_site::feed(base::byte_span& input) {
  if (preface_seen_ < net::http2_preface.size() && !match_preface(input)) {
    fail(http2_code::protocol_error);
  }
  while (!over_ && preface_seen_ == net::http2_preface.size() && output_.size() < output_at_once) {
    const auto piece = frames_.next(input);
    if (piece && !*piece) {
      return;
    }
    const auto taken = piece ? take(**piece) : base::fail(piece.error());
    if (!taken) {
      fail(net::code_for(taken.error()));
    } else if (frame_bytes_ / useless_share > useful_bytes_ + useless_bytes_free) {
      fail(http2_code::no_error);
    }
  }
  if (over_) {
    input = {};
  }
}

base::result<> http2_site::take(const net::http2_piece& piece) {
  frame_bytes_ += piece.payload.size() + (piece.starts ? net::http2_head_size : 0);
  if (piece.starts) {
    HTTVPS_CHECK(begin_frame());
  }
  switch (frames_.head().type) {
    case http2_type::headers:
    case http2_type::continuation:
      return take_headers(piece);
    case http2_type::data:
      useful_bytes_ += piece.payload.size();
      return {};
    case http2_type::push_promise:
      return base::fail(net::errc::http2_frame_malformed);
    default:
      break;
  }
  const auto initial = peer_.initial_window;
  HTTVPS_CHECK(control_.take(piece.payload, peer_));
  move_windows(std::int64_t{peer_.initial_window} - initial);
  return piece.ends ? end_of_frame() : base::result<>();
}

base::result<> http2_site::begin_frame() {
  const auto& head = frames_.head();
  if (headers_.is_open() && head.type != http2_type::continuation) {
    return base::fail(net::errc::http2_frame_malformed);
  }
  if (head.type == http2_type::priority && ++priorities_ > priorities_most) {
    return base::fail(net::errc::http2_flood);
  }
  if (head.type == http2_type::headers) {
    return begin_headers();
  }
  return control_.begin(head);
}

base::result<> http2_site::begin_headers() {
  const auto stream = frames_.head().stream;
  if (stream % 2 == 0 || stream <= last_stream_) {
    return base::fail(net::errc::http2_frame_malformed);
  }
  last_stream_ = stream;
  skipping_headers_ = leaving_;
  refuse_stream_ = waiting_.size() >= http2_site_streams;
  priorities_ = 0;
  return {};
}

base::result<> http2_site::take_headers(const net::http2_piece& piece) {
  HTTVPS_TRY(const auto progress, headers_.take(frames_.head(), piece));
  if (progress == net::http2_header_reader::progress::more) {
    return {};
  }
  const auto fields = headers_.take_fields();
  for (const auto& field : fields) {
    useful_bytes_ += field.name.size() + field.value.size();
  }
  if (skipping_headers_) {
    return {};
  }
  if (refuse_stream_) {
    net::append_reset(output_, headers_.stream(), http2_code::refused_stream);
    return {};
  }
  if (++requests_ == http2_site_requests) {
    net::append_goaway(output_, last_stream_, http2_code::no_error);
    leaving_ = true;
  }
  answer(fields);
  send_waiting();
  return {};
}

base::result<> http2_site::end_of_frame() {
  const auto& head = frames_.head();
  const bool acknowledges = head.has(http2_flag::ack);
  if (head.type == http2_type::settings && !acknowledges) {
    net::append_frame(output_, {.type = http2_type::settings, .flags = http2_flag::ack}, {});
  }
  if (head.type == http2_type::ping && !acknowledges) {
    net::append_frame(output_, {.type = http2_type::ping, .flags = http2_flag::ack},
                      control_.bytes());
  }
  if (head.type == http2_type::rst_stream) {
    waiting_.erase(head.stream);
  }
  if (head.type == http2_type::window_update) {
    HTTVPS_CHECK(widen(control_.number(0) & 0x7fff'ffffU));
  }
  if (head.type == http2_type::window_update || head.type == http2_type::settings ||
      head.type == http2_type::rst_stream) {
    send_waiting();
  }
  return {};
}

base::result<> http2_site::widen(std::uint32_t increment) {
  const auto stream = frames_.head().stream;
  if (stream == 0) {
    return increment == 0 ? base::fail(net::errc::http2_frame_malformed)
                          : peer_.widen(0, increment);
  }
  const auto found = waiting_.find(stream);
  if (found == waiting_.end()) {
    return {};
  }
  found->second.window += increment;
  if (increment == 0 || found->second.window > net::http2_largest_window) {
    const auto code = increment == 0 ? http2_code::protocol_error : http2_code::flow_control_error;
    net::append_reset(output_, stream, code);
    waiting_.erase(found);
  }
  return {};
}

void http2_site::move_windows(std::int64_t by) {
  for (auto& [stream, waiting] : waiting_) {
    waiting.window += by;
  }
}

void http2_site::answer(const net::http_fields& fields) {
  const auto stream = headers_.stream();
  const bool more_comes = !headers_.ends_stream();
  const auto request = read_http2_request(fields);
  if (!request && request.error() == net::errc::http2_frame_malformed) {
    net::append_reset(output_, stream, http2_code::protocol_error);
    return;
  }
  const auto now = clock_.system_now();
  auto response = request ? answer_from_site(*request, now) : bad_request_page(now);
  if (request && request->method == "HEAD") {
    response.body.clear();
  }
  respond(stream, http2_answer_fields(response),
          {.body = std::move(response.body),
           .window = peer_.initial_window,
           .reset_after = more_comes});
}

void http2_site::respond(std::uint32_t stream, const net::http_fields& fields,
                         waiting_answer waiting) {
  const auto block = writer_.compress(fields);
  if (!block) {
    net::append_reset(output_, stream, http2_code::protocol_error);
    return;
  }
  const auto ending = static_cast<std::uint8_t>(waiting.body.empty() ? http2_flag::end_stream : 0);
  const auto flags = static_cast<std::uint8_t>(http2_flag::end_headers | ending);
  net::append_frame(output_, {.type = http2_type::headers, .flags = flags, .stream = stream},
                    *block);
  useful_bytes_ += block->size() + waiting.body.size();
  if (waiting.body.empty()) {
    end_stream(stream, waiting);
  } else {
    waiting_.emplace(stream, std::move(waiting));
  }
}

void http2_site::send_waiting() {
  for (auto entry = waiting_.begin(); entry != waiting_.end();) {
    const bool sent = send_body(entry->first, entry->second);
    entry = sent ? waiting_.erase(entry) : std::next(entry);
  }
  if (leaving_ && waiting_.empty()) {
    over_ = true;
  }
}

bool http2_site::send_body(std::uint32_t stream, waiting_answer& waiting) {
  const auto size = static_cast<std::int64_t>(waiting.body.size());
  const auto count =
      std::min({size, waiting.window, peer_.connection_window, std::int64_t{peer_.longest_frame}});
  if (count <= 0) {
    return false;
  }
  const bool whole = count == size;
  const auto flags = static_cast<std::uint8_t>(whole ? http2_flag::end_stream : 0);
  const auto piece = base::as_bytes(waiting.body).first(static_cast<std::size_t>(count));
  net::append_frame(output_, {.type = http2_type::data, .flags = flags, .stream = stream}, piece);
  waiting.body.erase(0, static_cast<std::size_t>(count));
  waiting.window -= count;
  peer_.connection_window -= count;
  if (whole) {
    end_stream(stream, waiting);
  }
  return whole;
}

void http2_site::end_stream(std::uint32_t stream, const waiting_answer& done) {
  if (done.reset_after) {
    net::append_reset(resets_, stream, http2_code::no_error);
  }
}

}
