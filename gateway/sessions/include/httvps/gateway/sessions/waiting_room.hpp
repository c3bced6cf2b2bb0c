#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>

#include "httvps/net/tcp.hpp"

namespace httvps::gateway {

inline constexpr std::size_t waiting_of_one_holder_most = 64;

struct waiting_limits {
  std::size_t most = 1;
  std::size_t most_of_one_holder = waiting_of_one_holder_most;
};

class waiting_room {
 public:
  enum class outcome { had_room, dropped_oldest };

  explicit waiting_room(waiting_limits limits) noexcept : limits_(limits) {}

  outcome enter(std::uint64_t place, std::string holder, net::tcp_ender carrier);
  void leave(std::uint64_t place);
  std::size_t size() const noexcept { return held_.size(); }

 private:
  struct waiting_carrier {
    std::string holder;
    net::tcp_ender carrier;
  };

  void drop(std::uint64_t place);

  waiting_limits limits_;
  std::map<std::uint64_t, waiting_carrier> held_;
  std::unordered_map<std::string, std::deque<std::uint64_t>> places_of_;
};

}
