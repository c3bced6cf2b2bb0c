#pragma once

#include <memory>

#include "httvps/base/clock.hpp"
#include "httvps/net/carrier_link.hpp"

namespace httvps::gateway {

inline constexpr auto relay_stall_most = std::chrono::seconds(60);

struct relayed_pair {
  std::unique_ptr<net::carrier_link> device;
  std::unique_ptr<net::carrier_link> process;
  base::byte_vector first;
};

net::task<> relay_carrier(relayed_pair between, base::duration stall_most = relay_stall_most);

}
