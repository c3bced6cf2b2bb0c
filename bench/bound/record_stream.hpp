#pragma once

#include <cstdint>
#include <memory>

#include "bound/aead.hpp"
#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"

namespace httvps::bench {

inline constexpr std::size_t record_payload = 16'320;
inline constexpr std::size_t record_room = 16'640;

struct opened_record {
  std::size_t consumed = 0;
  base::byte_view payload;
};

class record_stream {
 public:
  virtual ~record_stream() = default;

  virtual base::result<std::size_t> seal(base::byte_view payload, base::byte_span room) = 0;
  virtual base::result<opened_record> open(base::byte_span received) = 0;
};

base::result<std::unique_ptr<record_stream>> make_tls_stream(aead_use use);
base::result<std::unique_ptr<record_stream>> make_shadowsocks_stream(aead_kind kind, aead_use use);

}
