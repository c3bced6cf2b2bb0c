#pragma once

#include <cstdint>

#include "bound/record_stream.hpp"
#include "common/descriptor.hpp"
#include "httvps/base/error.hpp"

namespace httvps::bench {

struct relayed {
  base::byte_count payload = 0;
  std::uint64_t receives = 0;
};

struct relay_ends {
  const descriptor& from;
  const descriptor& to;
};

base::result<relayed> relay_records(const relay_ends& ends, record_stream& opening,
                                    record_stream& sealing);
base::result<void> send_records(const descriptor& to, record_stream& sealing,
                                base::byte_count payload);
base::result<base::byte_count> verify_records(const descriptor& from, record_stream& opening);
base::result<base::byte_count> discard_records(const descriptor& from);

}
