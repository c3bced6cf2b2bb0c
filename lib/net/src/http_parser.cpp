#include "httvps/net/http_parser.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <limits>
#include <memory>
#include <type_traits>
#include <utility>

#include "httvps/net/error.hpp"

namespace httvps::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

constexpr int interim_limit = 8;
constexpr std::uint32_t own_limit_margin = 64;

errc meaning_of(const error_code& failure) noexcept {
  if (failure == http::error::header_limit) {
    return errc::http_head_too_large;
  }
  if (failure == http::error::body_limit) {
    return errc::http_body_too_large;
  }
  const bool ended =
      failure == http::error::partial_message || failure == http::error::end_of_stream;
  return ended ? errc::http_unexpected_end : errc::http_bad_message;
}

template <bool IsRequest>
class collector final : public http::basic_parser<IsRequest> {
 public:
  using message_type = std::conditional_t<IsRequest, http_request, http_response>;

  explicit collector(const http_parser_options& chosen) {
    constexpr std::size_t widest = std::numeric_limits<std::uint32_t>::max() - own_limit_margin;
    this->header_limit(static_cast<std::uint32_t>(std::min(chosen.head_limit, widest)) +
                       own_limit_margin);
    this->body_limit(chosen.body_limit);
    this->eager(false);
    if (chosen.request_method == "HEAD") {
      this->skip(true);
    }
    message.headers = {};
  }

  message_type message;

 private:
  static std::string copy(string_view text) { return {text.data(), text.size()}; }

  void on_request_impl(http::verb, string_view method, string_view target, int version,
                       error_code&) override {
    if constexpr (IsRequest) {
      message.method = copy(method);
      message.target = copy(target);
      message.minor_version = version % 10;
    }
  }

  void on_response_impl(int code, string_view reason, int version, error_code&) override {
    if constexpr (!IsRequest) {
      message.status = code;
      message.reason = copy(reason);
      message.minor_version = version % 10;
    }
  }

  void on_field_impl(http::field, string_view name, string_view value, error_code&) override {
    if (!this->is_header_done()) {
      message.headers.add(copy(name), copy(value));
    }
  }

  void on_header_impl(error_code&) override {}

  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}

  std::size_t on_body_impl(string_view body, error_code&) override {
    message.body.append(body.data(), body.size());
    return body.size();
  }

  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}

  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override {
    message.body.append(body.data(), body.size());
    return body.size();
  }

  void on_finish_impl(error_code&) override {}
};

template <bool IsRequest>
class core {
 public:
  explicit core(http_parser_options chosen)
      : chosen_(std::move(chosen)), parser_(std::make_unique<collector<IsRequest>>(chosen_)) {}

  base::result<> feed(base::byte_view bytes) {
    base::append(pending_, bytes);
    started_ = started_ || !pending_.empty();
    std::size_t used = 0;
    base::result<bool> moved = true;
    while (moved && *moved && !is_complete() && used < pending_.size()) {
      moved = step(base::byte_view(pending_).subspan(used), used);
    }
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(used));
    if (!moved) {
      return base::fail(moved.error());
    }
    return {};
  }

  base::result<> finish() {
    error_code failure;
    if (!started_) {
      return base::fail(errc::connection_closed);
    }
    if (!parser_->is_done()) {
      parser_->put_eof(failure);
    }
    if (failure || !parser_->is_done()) {
      return base::fail(errc::http_unexpected_end);
    }
    return {};
  }

  bool is_head_done() const { return parser_->is_header_done(); }
  bool is_complete() const {
    return chosen_.wanted == http_part::head ? parser_->is_header_done() : parser_->is_done();
  }

  bool has_started() const noexcept { return started_; }
  bool keeps_alive() const { return parser_->keep_alive(); }
  std::size_t consumed() const noexcept { return consumed_; }
  typename collector<IsRequest>::message_type& message() noexcept { return parser_->message; }
  base::byte_vector take_rest() { return std::exchange(pending_, {}); }

 private:
  base::result<bool> step(base::byte_view bytes, std::size_t& used) {
    error_code failure;
    const bool in_head = !is_head_done();
    const auto taken = parser_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), failure);
    used += taken;
    consumed_ += taken;
    if (failure && failure != http::error::need_more) {
      return base::fail(meaning_of(failure));
    }
    const auto waiting = failure ? bytes.size() - taken : 0;
    const auto line_size = (in_head ? consumed_ - interim_bytes_ : 0) + waiting;
    if (line_size > chosen_.head_limit) {
      return base::fail(errc::http_head_too_large);
    }
    return skip_interim() || !failure;
  }

  bool skip_interim() {
    if constexpr (IsRequest) {
      return false;
    } else {
      const int status = parser_->is_done() ? parser_->message.status : 0;
      if (status < 100 || status >= 200 || status == 101 || ++interim_ > interim_limit) {
        return false;
      }
      parser_ = std::make_unique<collector<IsRequest>>(chosen_);
      interim_bytes_ = consumed_;
      return true;
    }
  }

  http_parser_options chosen_;
  std::unique_ptr<collector<IsRequest>> parser_;
  base::byte_vector pending_;
  std::size_t consumed_ = 0;
  std::size_t interim_bytes_ = 0;
  int interim_ = 0;
  bool started_ = false;
};

}

struct http_request_parser::state : core<true> {
  using core::core;
};

struct http_response_parser::state : core<false> {
  using core::core;
};

http_request_parser::http_request_parser(http_parser_options chosen)
    : state_(std::make_unique<state>(std::move(chosen))) {}
http_request_parser::http_request_parser(http_request_parser&&) noexcept = default;
http_request_parser& http_request_parser::operator=(http_request_parser&&) noexcept = default;
http_request_parser::~http_request_parser() = default;

base::result<> http_request_parser::feed(base::byte_view bytes) {
  return state_->feed(bytes);
}

bool http_request_parser::is_head_done() const noexcept {
  return state_->is_head_done();
}

bool http_request_parser::is_done() const noexcept {
  return state_->is_complete();
}

bool http_request_parser::has_started() const noexcept {
  return state_->has_started();
}

bool http_request_parser::expects_continue() const noexcept {
  return is_head_done() && !is_done() && message().headers.has_token("Expect", "100-continue");
}

bool http_request_parser::keeps_alive() const noexcept {
  return state_->keeps_alive();
}

std::size_t http_request_parser::consumed() const noexcept {
  return state_->consumed();
}

const http_request& http_request_parser::message() const noexcept {
  return state_->message();
}

http_request http_request_parser::take() {
  return std::move(state_->message());
}

base::byte_vector http_request_parser::take_rest() {
  return state_->take_rest();
}

http_response_parser::http_response_parser(http_parser_options chosen)
    : state_(std::make_unique<state>(std::move(chosen))) {}
http_response_parser::http_response_parser(http_response_parser&&) noexcept = default;
http_response_parser& http_response_parser::operator=(http_response_parser&&) noexcept = default;
http_response_parser::~http_response_parser() = default;

base::result<> http_response_parser::feed(base::byte_view bytes) {
  return state_->feed(bytes);
}

base::result<> http_response_parser::finish() {
  return state_->finish();
}

bool http_response_parser::is_head_done() const noexcept {
  return state_->is_head_done();
}

bool http_response_parser::is_done() const noexcept {
  return state_->is_complete();
}

bool http_response_parser::has_started() const noexcept {
  return state_->has_started();
}

bool http_response_parser::keeps_alive() const noexcept {
  return state_->keeps_alive();
}

std::size_t http_response_parser::consumed() const noexcept {
  return state_->consumed();
}

const http_response& http_response_parser::message() const noexcept {
  return state_->message();
}

http_response http_response_parser::take() {
  return std::move(state_->message());
}

base::byte_vector http_response_parser::take_rest() {
  return state_->take_rest();
}

}
