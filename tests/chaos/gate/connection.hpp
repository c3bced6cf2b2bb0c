#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "common/descriptor.hpp"
#include "gate/command.hpp"
#include "gate/lane.hpp"
#include "gate/record_meter.hpp"

namespace httvps::chaos {

enum class side : std::uint8_t { client, server };
enum class direction : std::uint8_t { up, down };
enum class phase : std::uint8_t { relaying, frozen, closing };

inline constexpr std::array both_sides{side::client, side::server};
inline constexpr std::array both_directions{direction::up, direction::down};

constexpr std::size_t index_of(side which) noexcept {
  return static_cast<std::size_t>(which);
}
constexpr std::size_t index_of(direction which) noexcept {
  return static_cast<std::size_t>(which);
}
constexpr side source_of(direction way) noexcept {
  return way == direction::up ? side::client : side::server;
}
constexpr side target_of(direction way) noexcept {
  return way == direction::up ? side::server : side::client;
}
constexpr direction from(side which) noexcept {
  return which == side::client ? direction::up : direction::down;
}

inline constexpr std::uint64_t tags_before = 2;

constexpr std::uint64_t tag_of(connection_id id, side which) noexcept {
  return (id + tags_before) * 2 + index_of(which);
}

struct connection_end {
  bench::descriptor socket;
  bool readable = false;
  bool writable = false;
  bool ended = false;
};

struct connection_lane {
  lane queue;
  record_meter records;
  byte_limits limits;
  std::optional<base::steady_time> timer;
  bool waits_for_link = false;
};

struct connection {
  connection_id id = 0;
  std::uint16_t client_port = 0;
  base::steady_time began{};
  base::steady_time ended{};
  phase now = phase::relaying;
  bool connected = false;
  bool live = true;
  std::string_view cause = "open";
  std::array<connection_end, 2> ends;
  std::array<connection_lane, 2> lanes;

  connection_end& end(side which) noexcept { return ends[index_of(which)]; }
  connection_lane& way(direction which) noexcept { return lanes[index_of(which)]; }
  const connection_lane& way(direction which) const noexcept { return lanes[index_of(which)]; }
};

}
