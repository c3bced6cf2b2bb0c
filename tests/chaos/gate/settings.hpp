#pragma once

#include <boost/json/object.hpp>
#include <cstdint>

#include "gate/link.hpp"
#include "httvps/base/error.hpp"

namespace httvps::chaos {

enum class cut_manner { reset, fin };
enum class newcomers { served, held };
enum class handshake_cost { none, one_round_trip };

struct byte_limits {
  base::byte_count freeze_after = 0;
  base::byte_count cut_after = 0;
};

struct settings {
  link_shape up;
  link_shape down;
  byte_limits up_limits;
  byte_limits down_limits;
  base::byte_count queue_bytes = 32 * base::mebibyte;
  base::duration cut_every{};
  base::duration cut_jitter{};
  cut_manner manner = cut_manner::reset;
  std::uint64_t cap = 0;
  newcomers arrivals = newcomers::served;
  handshake_cost handshake = handshake_cost::one_round_trip;
};

base::result<settings> changed(settings current, const boost::json::object& wanted);

}
