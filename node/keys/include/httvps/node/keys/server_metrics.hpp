#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"

namespace httvps::node {

inline constexpr std::size_t metrics_text_most = 16 * 1024 * 1024;
inline constexpr std::size_t metrics_line_most = 8192;
inline constexpr std::size_t counted_keys_most = 16384;

struct key_traffic {
  base::byte_count up = 0;
  base::byte_count down = 0;
  base::byte_count wire_up = 0;
  base::byte_count wire_down = 0;

  bool operator==(const key_traffic&) const = default;
};

using traffic_by_key = std::map<std::string, key_traffic, std::less<>>;

key_traffic sum(const key_traffic& left, const key_traffic& right) noexcept;
bool is_any_less(const key_traffic& left, const key_traffic& right) noexcept;

struct server_metrics {
  traffic_by_key traffic;
  std::optional<std::uint64_t> loaded_keys;
  std::uint64_t opened = 0;
  std::uint64_t closed = 0;

  std::uint64_t active() const noexcept { return opened > closed ? opened - closed : 0; }
};

base::result<server_metrics> read_server_metrics(std::string_view text);

}
