#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "httvps/base/bytes.hpp"

namespace httvps::wire {

using base::byte_count;
using base::byte_span;
using base::byte_view;

enum class role { client, gateway };

enum class stream_id : std::uint64_t {};
enum class carrier_number : std::uint64_t {};
using session_id = base::byte_array<16>;
using process_epoch = base::byte_array<8>;

struct domain_target {
  std::string name;
  std::uint16_t port = 0;
  bool operator==(const domain_target&) const = default;
};

struct ipv4_target {
  base::byte_array<4> address{};
  std::uint16_t port = 0;
  bool operator==(const ipv4_target&) const = default;
};

struct ipv6_target {
  base::byte_array<16> address{};
  std::uint16_t port = 0;
  bool operator==(const ipv6_target&) const = default;
};

struct reserved_target {
  std::string name;
  bool operator==(const reserved_target&) const = default;
};

using target = std::variant<domain_target, ipv4_target, ipv6_target, reserved_target>;

inline constexpr const char* control_target_name = "control";

struct stream_offset {
  stream_id stream{};
  byte_count offset = 0;
  bool operator==(const stream_offset&) const = default;
};

struct receive_state {
  stream_id stream{};
  byte_count received = 0;
  byte_count limit = 0;
  bool operator==(const receive_state&) const = default;
};

}
