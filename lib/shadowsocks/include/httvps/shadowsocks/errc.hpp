#pragma once

#include "httvps/base/error.hpp"

namespace httvps::shadowsocks {

enum class errc {
  key_too_long = 1,
  not_an_access_key,
  malformed_userinfo,
  unknown_method,
  empty_password,
  malformed_host,
  malformed_port,
  malformed_query,
  plugin_refused,
  malformed_prefix,
  prefix_too_long,
  malformed_tag,
  malformed_target,
  malformed_salt,
  payload_empty,
  payload_too_long,
  output_too_small,
  tag_mismatch,
  chunk_empty,
  chunk_too_long,
  salt_reflected,
  out_of_memory,
  crypto_failure,
  packet_too_short,
  packet_too_long,
  unknown_engine,
  engine_unavailable,
};

const base::error_table& shadowsocks_errors() noexcept;
std::error_code make_error_code(errc code) noexcept;

}

template <>
struct std::is_error_code_enum<httvps::shadowsocks::errc> : std::true_type {};
