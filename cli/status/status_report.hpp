#pragma once

#include <string>
#include <string_view>

#include "httvps/base/clock.hpp"
#include "httvps/sdk/tunnel.hpp"
#include "socks/socks_server.hpp"

namespace httvps::cli {

struct status_facts {
  sdk::tunnel_status tunnel;
  socks_counts socks;
  std::string socks_address;
  std::string device_id;
  std::string device_name;
  std::int64_t process = 0;
};

std::string_view to_text(sdk::tunnel_phase phase) noexcept;
std::string to_json(const status_facts& facts);
base::result<std::string> describe_status(std::string_view json, base::system_time now);
std::string describe_amount(base::byte_count bytes);
std::string describe_span(std::chrono::seconds span);

}
