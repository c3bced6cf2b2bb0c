#pragma once

#include <cstdint>

#include "common/descriptor.hpp"
#include "gate/byte_ring.hpp"
#include "httvps/base/bytes.hpp"

namespace httvps::chaos {

enum class outcome : std::uint8_t { moved, blocked, ended, failed };

struct moved_bytes {
  outcome what = outcome::blocked;
  base::byte_count size = 0;
};

void bound_buffers(const bench::descriptor& socket, base::byte_count size);
void abort_connection(bench::descriptor& socket);
void send_fin(const bench::descriptor& socket);
bool has_closed(const bench::descriptor& socket);
moved_bytes receive_into(const bench::descriptor& socket, two_parts room);
moved_bytes send_from(const bench::descriptor& socket, two_parts bytes);
moved_bytes discard_from(const bench::descriptor& socket);

}
