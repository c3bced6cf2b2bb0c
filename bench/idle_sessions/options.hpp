#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/base/error.hpp"
#include "httvps/net/endpoint.hpp"
#include "httvps/sdk/carrier_dialer.hpp"

namespace httvps::bench {

struct idle_options {
  std::vector<std::string> states;
  std::optional<net::endpoint> connect_to;
  std::optional<net::endpoint> target;
  std::size_t sessions = 1;
  std::size_t streams = 0;
  std::size_t at_once = 16;
  std::size_t a_second = 0;
  std::string fetched_path;
  std::chrono::milliseconds fetch_pause{1000};
  sdk::carrier_kind kind = sdk::carrier_kind::http1;
  std::chrono::milliseconds limit{120'000};
};

base::result<idle_options> parse_idle_options(std::span<const std::string_view> arguments);
std::string_view idle_usage() noexcept;

}
