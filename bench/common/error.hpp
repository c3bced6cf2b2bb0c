#pragma once

#include "httvps/base/error.hpp"

namespace httvps::bench {

enum class errc {
  invalid_option = 1,
  invalid_endpoint,
  socket_failed,
  connect_failed,
  proxy_refused,
  head_too_long,
  malformed_head,
  unexpected_status,
  wrong_length,
  closed_early,
  send_failed,
  timed_out,
  cipher_failed,
  forged_record,
};

const base::error_table& bench_errors() noexcept;
std::error_code make_error_code(errc code) noexcept;

}

template <>
struct std::is_error_code_enum<httvps::bench::errc> : std::true_type {};
