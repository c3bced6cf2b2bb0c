#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/endpoint.hpp"
#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"
#include "loadgen/proxy_handshake.hpp"

namespace httvps::bench {

enum class load_mode { download, upload, connect, first_byte, hold };

struct load_options {
  load_mode mode = load_mode::download;
  proxy_kind proxy = proxy_kind::none;
  std::vector<endpoint> entries;
  endpoint target{};
  std::uint64_t parallel = 1;
  std::uint64_t count = 1;
  base::byte_count bytes = base::mebibyte;
  std::string path = "/tiny";
  base::byte_count expected = 64;
  std::chrono::milliseconds limit{30'000};
};

base::result<load_options> parse_load_options(std::span<const std::string_view> arguments);
std::string_view load_usage() noexcept;

}
