#pragma once

#include <string_view>

#include "httvps/backend/models/gateway_key.hpp"
#include "httvps/backend/schemas/document.hpp"

namespace httvps::backend::schemas {

using revision_number = whole<number_range{0, largest_number}>;
using sealed_text = text<length_range{64, 1024}>;

struct outline_key {
  static constexpr std::string_view schema_name = "OutlineKey";

  key_name key_id;
  counter_value generation;
  cipher_name cipher;
  sealed_text sealed_secret;
};
BOOST_DESCRIBE_STRUCT(outline_key, (), (key_id, generation, cipher, sealed_secret))

using outline_key_list = list<outline_key, length_range{0, 4096}>;
using key_name_list = list<key_name, length_range{0, 4096}>;

struct outline_config_answer {
  static constexpr std::string_view schema_name = "OutlineConfigAnswer";

  revision_number rev;
  models::node_id node_id;
  region_code region;
  outline_key_list keys;
};
BOOST_DESCRIBE_STRUCT(outline_config_answer, (), (rev, node_id, region, keys))

enum class key_verdict { running, failed };
BOOST_DESCRIBE_ENUM(key_verdict, running, failed)

struct keys_ack_request {
  static constexpr std::string_view schema_name = "KeysAckRequest";

  revision_number rev;
  key_verdict state = key_verdict::running;
  label_text reason;
  key_name_list key_ids;
  moment timestamp;
};
BOOST_DESCRIBE_STRUCT(keys_ack_request, (), (rev, state, reason, key_ids, timestamp))

struct keys_ack_answer {
  static constexpr std::string_view schema_name = "KeysAckAnswer";

  moment server_time;
};
BOOST_DESCRIBE_STRUCT(keys_ack_answer, (), (server_time))

struct counter_item {
  static constexpr std::string_view schema_name = "CounterItem";

  key_name key_id;
  counter_value up;
  counter_value down;
  counter_value wire_up;
  counter_value wire_down;
};
BOOST_DESCRIBE_STRUCT(counter_item, (), (key_id, up, down, wire_up, wire_down))

struct counters_request {
  static constexpr std::string_view schema_name = "CountersRequest";

  hex_session epoch;
  moment timestamp;
  list<counter_item, length_range{0, 1000}> rows;
};
BOOST_DESCRIBE_STRUCT(counters_request, (), (epoch, timestamp, rows))

struct counters_answer {
  static constexpr std::string_view schema_name = "CountersAnswer";

  moment server_time;
  whole<number_range{1000, 3600000}> interval_ms = 60000;
};
BOOST_DESCRIBE_STRUCT(counters_answer, (), (server_time, interval_ms))

struct rotation_answer {
  static constexpr std::string_view schema_name = "RotationAnswer";

  counter_value removed;
  counter_value issued;
};
BOOST_DESCRIBE_STRUCT(rotation_answer, (), (removed, issued))

}
