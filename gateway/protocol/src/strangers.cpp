#include "httvps/gateway/protocol/strangers.hpp"

#include <utility>

namespace httvps::gateway {

strangers::outcome strangers::add(std::uint64_t number, net::tcp_ender connection) {
  auto result = outcome::had_room;
  if (held_.size() >= most_) {
    held_.begin()->second.end();
    held_.erase(held_.begin());
    result = outcome::dropped_oldest;
  }
  held_.emplace(number, std::move(connection));
  return result;
}

}
