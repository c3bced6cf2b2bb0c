#pragma once

#include <cstddef>
#include <cstdint>

#include "httvps/net/http2_frame.hpp"

namespace httvps::net {

struct http2_offer {
  http_fields fields = {};
  std::uint32_t stream = 0;
  http2_peer peer = {};
};

enum class http2_opening_stage { reading, offered, given_up };

struct http2_opening_step {
  http2_opening_stage stage = http2_opening_stage::reading;
  base::byte_span passed = {};
};

inline constexpr std::size_t http2_opening_bytes = 64 * 1024;
inline constexpr std::size_t http2_opening_frames = 64;

class http2_opening {
 public:
  http2_opening();

  http2_opening_step next(base::byte_span& input);
  http2_offer take_offer();

 private:
  http2_opening_stage advance(base::byte_span& input);
  http2_opening_stage match_preface(base::byte_span& input);
  base::result<http2_opening_stage> take(const http2_piece& piece);
  base::result<> take_control(const http2_piece& piece);

  http2_opening_stage stage_ = http2_opening_stage::reading;
  std::size_t preface_seen_ = 0;
  std::size_t bytes_ = 0;
  std::size_t frames_seen_ = 0;
  http2_frame_reader frames_;
  http2_header_reader headers_;
  http2_control_frame control_;
  http2_peer peer_;
};

}
