#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "httvps/base/clock.hpp"
#include "httvps/net/http2_frame.hpp"

namespace httvps::gateway {

inline constexpr std::size_t http2_site_streams = 128;
inline constexpr std::size_t http2_site_requests = 1000;

class http2_site {
 public:
  explicit http2_site(const base::clock& clock);

  void feed(base::byte_span& input);
  base::byte_vector take_output();
  void say_goodbye();

  bool is_over() const noexcept { return over_; }
  std::size_t requests() const noexcept { return requests_; }

 private:
  struct waiting_answer {
    std::string body;
    std::int64_t window = 0;
    bool reset_after = false;
  };

  bool match_preface(base::byte_span& input);
  base::result<> take(const net::http2_piece& piece);
  base::result<> begin_frame();
  base::result<> begin_headers();
  base::result<> take_headers(const net::http2_piece& piece);
  base::result<> end_of_frame();
  base::result<> widen(std::uint32_t increment);
  void move_windows(std::int64_t by);
  void answer(const net::http_fields& fields);
  void respond(std::uint32_t stream, const net::http_fields& fields, waiting_answer waiting);
  void send_waiting();
  bool send_body(std::uint32_t stream, waiting_answer& waiting);
  void end_stream(std::uint32_t stream, const waiting_answer& done);
  void fail(net::http2_code code);

  const base::clock& clock_;
  std::size_t preface_seen_ = 0;
  net::http2_frame_reader frames_;
  net::http2_header_reader headers_;
  net::http2_header_writer writer_;
  net::http2_control_frame control_;
  net::http2_peer peer_;
  std::map<std::uint32_t, waiting_answer> waiting_;
  std::uint32_t last_stream_ = 0;
  std::size_t requests_ = 0;
  std::uint64_t frame_bytes_ = 0;
  std::uint64_t useful_bytes_ = 0;
  std::size_t priorities_ = 0;
  bool skipping_headers_ = false;
  bool refuse_stream_ = false;
  bool leaving_ = false;
  bool over_ = false;
  base::byte_vector output_;
  base::byte_vector resets_;
};

}
