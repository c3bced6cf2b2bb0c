#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "httvps/net/error.hpp"
#include "httvps/net/http2_frame.hpp"

namespace httvps::net {
namespace {

constexpr std::size_t field_overhead = 32;

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) noexcept {
  return base::as_text({bytes, size});
}

nghttp2_nv to_nv(const http_field& field) {
  const auto bytes_of = [](const std::string& text) {
    return const_cast<std::uint8_t*>(base::as_bytes(text).data());
  };
  const std::uint8_t flags =
      field.name == "cookie" ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE;
  return {.name = bytes_of(field.name),
          .value = bytes_of(field.value),
          .namelen = field.name.size(),
          .valuelen = field.value.size(),
          .flags = flags};
}

}

void http2_header_reader::release::operator()(nghttp2_hd_inflater* inflater) const noexcept {
  nghttp2_hd_inflate_del(inflater);
}

http2_header_reader::http2_header_reader(http2_header_limits limits) : limits_(limits) {
  nghttp2_hd_inflater* made = nullptr;
  if (nghttp2_hd_inflate_new(&made) == 0) {
    inflater_.reset(made);
    nghttp2_hd_inflate_change_table_size(made, limits.table);
  }
}

http2_header_reader::http2_header_reader(http2_header_reader&&) noexcept = default;
http2_header_reader& http2_header_reader::operator=(http2_header_reader&&) noexcept = default;
http2_header_reader::~http2_header_reader() = default;

base::result<> http2_header_reader::begin(const http2_frame_head& head) {
  const bool continues = head.type == http2_type::continuation;
  if (continues != open_ || (continues && head.stream != stream_) || head.stream == 0) {
    return base::fail(errc::http2_frame_malformed);
  }
  continuations_ = continues ? continuations_ + 1 : 0;
  block_size_ = (continues ? block_size_ : 0) + head.length;
  if (continuations_ > limits_.continuations || block_size_ > limits_.block) {
    return base::fail(errc::http2_flood);
  }
  if (!continues) {
    open_ = true;
    stream_ = head.stream;
    ends_stream_ = head.has(http2_flag::end_stream);
    decoded_size_ = 0;
    fields_ = {};
  }
  auto stripped = head;
  stripped.flags = continues ? 0 : head.flags;
  return body_.begin(stripped);
}

base::result<> http2_header_reader::keep(std::string_view name, std::string_view value) {
  decoded_size_ += name.size() + value.size() + field_overhead;
  if (decoded_size_ > limits_.decoded || fields_.size() >= limits_.fields) {
    return base::fail(errc::http2_flood);
  }
  fields_.add(std::string(name), std::string(value));
  return {};
}

base::result<> http2_header_reader::inflate(base::byte_view block, bool last) {
  while (true) {
    nghttp2_nv field = {};
    int flags = 0;
    const auto used = inflater_ ? nghttp2_hd_inflate_hd2(inflater_.get(), &field, &flags,
                                                         block.data(), block.size(), last ? 1 : 0)
                                : -1;
    if (used < 0) {
      return base::fail(errc::http2_headers_malformed);
    }
    block = block.subspan(static_cast<std::size_t>(used));
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
      HTTVPS_CHECK(keep(text_of(field.name, field.namelen), text_of(field.value, field.valuelen)));
    }
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) {
      nghttp2_hd_inflate_end_headers(inflater_.get());
      return {};
    }
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && block.empty()) {
      return {};
    }
  }
}

base::result<http2_header_reader::progress> http2_header_reader::take(const http2_frame_head& head,
                                                                      const http2_piece& piece) {
  if (piece.starts) {
    HTTVPS_CHECK(begin(head));
  }
  HTTVPS_TRY(const auto block, body_.strip(piece.payload));
  const bool last = piece.ends && head.has(http2_flag::end_headers);
  HTTVPS_CHECK(inflate(block, last));
  if (!last) {
    return progress::more;
  }
  open_ = false;
  return progress::complete;
}

void http2_header_writer::release::operator()(nghttp2_hd_deflater* deflater) const noexcept {
  nghttp2_hd_deflate_del(deflater);
}

http2_header_writer::http2_header_writer(std::uint32_t table) {
  nghttp2_hd_deflater* made = nullptr;
  if (nghttp2_hd_deflate_new(&made, table) == 0) {
    deflater_.reset(made);
  }
}

http2_header_writer::http2_header_writer(http2_header_writer&&) noexcept = default;
http2_header_writer& http2_header_writer::operator=(http2_header_writer&&) noexcept = default;
http2_header_writer::~http2_header_writer() = default;

base::result<base::byte_vector> http2_header_writer::compress(const http_fields& fields) {
  if (!deflater_) {
    return base::fail(errc::http2_headers_malformed);
  }
  std::vector<nghttp2_nv> list;
  std::ranges::transform(fields, std::back_inserter(list), to_nv);
  base::byte_vector block(nghttp2_hd_deflate_bound(deflater_.get(), list.data(), list.size()));
  const auto size =
      nghttp2_hd_deflate_hd(deflater_.get(), block.data(), block.size(), list.data(), list.size());
  if (size < 0) {
    return base::fail(errc::http2_headers_malformed);
  }
  block.resize(static_cast<std::size_t>(size));
  return block;
}

base::result<base::byte_vector> compress_headers(const http_fields& fields) {
  return http2_header_writer(NGHTTP2_DEFAULT_HEADER_TABLE_SIZE).compress(fields);
}

}
