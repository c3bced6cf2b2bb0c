#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"
#include "httvps/net/http_message.hpp"

struct nghttp2_hd_deflater;
struct nghttp2_hd_inflater;

namespace httvps::net {

enum class http2_type : std::uint8_t {
  data = 0,
  headers = 1,
  priority = 2,
  rst_stream = 3,
  settings = 4,
  push_promise = 5,
  ping = 6,
  goaway = 7,
  window_update = 8,
  continuation = 9,
};

namespace http2_flag {
inline constexpr std::uint8_t ack = 0x1;
inline constexpr std::uint8_t end_stream = 0x1;
inline constexpr std::uint8_t end_headers = 0x4;
inline constexpr std::uint8_t padded = 0x8;
inline constexpr std::uint8_t priority = 0x20;
}

namespace http2_setting {
inline constexpr std::uint16_t header_table_size = 1;
inline constexpr std::uint16_t enable_push = 2;
inline constexpr std::uint16_t max_concurrent_streams = 3;
inline constexpr std::uint16_t initial_window_size = 4;
inline constexpr std::uint16_t max_frame_size = 5;
inline constexpr std::uint16_t max_header_list_size = 6;
}

enum class http2_code : std::uint32_t {
  no_error = 0,
  protocol_error = 1,
  flow_control_error = 3,
  frame_size_error = 6,
  refused_stream = 7,
  cancel = 8,
  compression_error = 9,
  enhance_your_calm = 11,
};

inline constexpr std::string_view http2_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
inline constexpr std::size_t http2_head_size = 9;
inline constexpr std::uint32_t http2_default_window = 65'535;
inline constexpr std::uint32_t http2_default_frame = 16'384;
inline constexpr std::uint32_t http2_largest_frame = 16'777'215;
inline constexpr std::int64_t http2_largest_window = 0x7fff'ffff;

struct http2_frame_head {
  std::uint32_t length = 0;
  http2_type type = http2_type::data;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;

  bool has(std::uint8_t flag) const noexcept { return (flags & flag) != 0; }
  friend bool operator==(const http2_frame_head&, const http2_frame_head&) = default;
};

base::byte_array<http2_head_size> encode(const http2_frame_head& head) noexcept;
void append_frame(base::byte_vector& to, http2_frame_head head, base::byte_view payload);
void append_setting(base::byte_vector& payload, std::uint16_t id, std::uint32_t value);
void append_window_update(base::byte_vector& to, std::uint32_t stream, std::uint32_t increment);
void append_reset(base::byte_vector& to, std::uint32_t stream, http2_code code);
void append_goaway(base::byte_vector& to, std::uint32_t last_stream, http2_code code);
http2_code code_for(const base::error& failure) noexcept;

struct http2_piece {
  base::byte_span payload;
  bool starts = false;
  bool ends = false;
};

class http2_frame_reader {
 public:
  explicit http2_frame_reader(std::uint32_t longest) noexcept : longest_(longest) {}

  base::result<std::optional<http2_piece>> next(base::byte_span& input);
  const http2_frame_head& head() const noexcept { return head_; }

 private:
  bool collect_head(base::byte_span& input);

  std::uint32_t longest_;
  std::uint32_t left_ = 0;
  http2_frame_head head_;
  bool inside_ = false;
  std::uint8_t filled_ = 0;
  base::byte_array<http2_head_size> raw_ = {};
};

class http2_body {
 public:
  base::result<> begin(const http2_frame_head& head) noexcept;
  base::result<base::byte_span> strip(base::byte_span piece) noexcept;

 private:
  std::uint32_t left_ = 0;
  std::uint32_t skip_ = 0;
  std::uint32_t padding_ = 0;
  bool padding_unknown_ = false;
};

struct http2_peer {
  std::int64_t stream_window = http2_default_window;
  std::int64_t connection_window = http2_default_window;
  std::uint32_t initial_window = http2_default_window;
  std::uint32_t longest_frame = http2_default_frame;

  base::result<> apply_setting(std::uint16_t id, std::uint32_t value) noexcept;
  base::result<> widen(std::uint32_t stream, std::uint32_t increment) noexcept;
};

class http2_control_frame {
 public:
  base::result<> begin(const http2_frame_head& head) noexcept;
  base::result<> take(base::byte_view payload, http2_peer& peer) noexcept;
  base::byte_view bytes() const noexcept { return base::byte_view(bytes_).first(filled_); }
  std::uint32_t number(std::size_t offset) const noexcept;

 private:
  bool is_settings_ = false;
  std::uint8_t filled_ = 0;
  base::byte_array<8> bytes_ = {};
};

struct http2_header_limits {
  std::size_t block = 32 * 1024;
  std::size_t fields = 128;
  std::size_t decoded = 64 * 1024;
  std::size_t continuations = 8;
  std::uint32_t table = 4096;
};

class http2_header_reader {
 public:
  explicit http2_header_reader(http2_header_limits limits);
  http2_header_reader(http2_header_reader&&) noexcept;
  http2_header_reader& operator=(http2_header_reader&&) noexcept;
  ~http2_header_reader();

  enum class progress { more, complete };

  base::result<progress> take(const http2_frame_head& head, const http2_piece& piece);
  bool is_open() const noexcept { return open_; }
  std::uint32_t stream() const noexcept { return stream_; }
  bool ends_stream() const noexcept { return ends_stream_; }
  http_fields take_fields() { return std::exchange(fields_, {}); }

 private:
  struct release {
    void operator()(nghttp2_hd_inflater* inflater) const noexcept;
  };

  base::result<> begin(const http2_frame_head& head);
  base::result<> inflate(base::byte_view block, bool last);
  base::result<> keep(std::string_view name, std::string_view value);

  http2_header_limits limits_;
  std::unique_ptr<nghttp2_hd_inflater, release> inflater_;
  http2_body body_;
  http_fields fields_;
  std::uint32_t stream_ = 0;
  std::size_t block_size_ = 0;
  std::size_t decoded_size_ = 0;
  std::size_t continuations_ = 0;
  bool open_ = false;
  bool ends_stream_ = false;
};

class http2_header_writer {
 public:
  explicit http2_header_writer(std::uint32_t table);
  http2_header_writer(http2_header_writer&&) noexcept;
  http2_header_writer& operator=(http2_header_writer&&) noexcept;
  ~http2_header_writer();

  base::result<base::byte_vector> compress(const http_fields& fields);

 private:
  struct release {
    void operator()(nghttp2_hd_deflater* deflater) const noexcept;
  };

  std::unique_ptr<nghttp2_hd_deflater, release> deflater_;
};

base::result<base::byte_vector> compress_headers(const http_fields& fields);

}
