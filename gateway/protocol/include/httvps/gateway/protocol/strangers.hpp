#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "httvps/net/tcp.hpp"

namespace httvps::gateway {

class strangers {
 public:
  enum class outcome { had_room, dropped_oldest };

  explicit strangers(std::size_t most) noexcept : most_(most) {}

  outcome add(std::uint64_t number, net::tcp_ender connection);
  void forget(std::uint64_t number) { held_.erase(number); }
  std::size_t size() const noexcept { return held_.size(); }

 private:
  std::size_t most_;
  std::map<std::uint64_t, net::tcp_ender> held_;
};

}
