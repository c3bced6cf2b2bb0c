#pragma once

#include <optional>
#include <string_view>

#include "httvps/backend/models/rewrap_state.hpp"
#include "httvps/backend/models/signing_state.hpp"
#include "httvps/backend/schemas/document.hpp"

namespace httvps::backend::schemas {

using key_digest = text<length_range{16, 16}, hex_format>;
using optional_key_name = text<length_range{0, 64}, key_name_format>;

struct signing_key_view {
  static constexpr std::string_view schema_name = "SigningKey";

  key_digest key_id;
  bytes_text<32> public_key;
  models::signing_state state = models::signing_state::retired;
  moment created_at;
  moment signs_from;
  counter_value age_seconds;
  std::optional<moment> replaced_at;
};
BOOST_DESCRIBE_STRUCT(signing_key_view, (),
                      (key_id, public_key, state, created_at, signs_from, age_seconds, replaced_at))

struct ring_key_view {
  static constexpr std::string_view schema_name = "RingKey";

  key_name key_id;
  counter_value values;
};
BOOST_DESCRIBE_STRUCT(ring_key_view, (), (key_id, values))

struct rewrap_view {
  static constexpr std::string_view schema_name = "Rewrap";

  models::rewrap_state state = models::rewrap_state::idle;
  optional_key_name key_id;
  std::optional<moment> ordered_at;
  std::optional<moment> finished_at;
  counter_value rewrapped;
  counter_value unreadable;
};
BOOST_DESCRIBE_STRUCT(rewrap_view, (),
                      (state, key_id, ordered_at, finished_at, rewrapped, unreadable))

struct key_ring_view {
  static constexpr std::string_view schema_name = "KeyRing";

  label_text mode;
  optional_key_name active;
  list<ring_key_view, length_range{0, 18}> keys;
  rewrap_view rewrap;
};
BOOST_DESCRIBE_STRUCT(key_ring_view, (), (mode, active, keys, rewrap))

struct sealed_values_view {
  static constexpr std::string_view schema_name = "SealedValues";

  label_text table;
  label_text column;
  key_name key_id;
  counter_value values;
};
BOOST_DESCRIBE_STRUCT(sealed_values_view, (), (table, column, key_id, values))

struct rewrap_request {
  static constexpr std::string_view schema_name = "RewrapRequest";

  std::optional<bool> plan;
};
BOOST_DESCRIBE_STRUCT(rewrap_request, (), (plan))

struct rewrap_plan_view {
  static constexpr std::string_view schema_name = "RewrapPlan";

  optional_key_name active;
  counter_value total;
  list<sealed_values_view, length_range{0, 128}> to_rewrap;
  rewrap_view rewrap;
};
BOOST_DESCRIBE_STRUCT(rewrap_plan_view, (), (active, total, to_rewrap, rewrap))

struct keys_view {
  static constexpr std::string_view schema_name = "Keys";

  list<signing_key_view, length_range{1, 16}> signing;
  moment next_rotation_at;
  key_digest root_key_id;
  counter_value key_set_version;
  moment key_set_ends_at;
  key_ring_view ring;
  std::optional<moment> last_backup_at;
};
BOOST_DESCRIBE_STRUCT(keys_view, (),
                      (signing, next_rotation_at, root_key_id, key_set_version, key_set_ends_at,
                       ring, last_backup_at))

}
