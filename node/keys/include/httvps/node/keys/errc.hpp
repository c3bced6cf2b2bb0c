#pragma once

#include "httvps/base/error.hpp"

namespace httvps::node {

enum class keys_errc {
  key_id_invalid = 1,
  key_secret_invalid,
  key_repeated,
  too_many_keys,
  metrics_malformed,
  metrics_too_large,
  counters_damaged,
  server_did_not_load,
};

const base::error_table& keys_errors() noexcept;
std::error_code make_error_code(keys_errc code) noexcept;

}

template <>
struct std::is_error_code_enum<httvps::node::keys_errc> : std::true_type {};
