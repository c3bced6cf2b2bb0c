#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "httvps/gateway/sessions/greeting.hpp"
#include "httvps/net/carrier_link.hpp"
#include "httvps/wire/types.hpp"

namespace httvps::gateway {

inline constexpr std::size_t introduced_device_most = 255;

struct introduction {
  std::string device_id;
  base::byte_count sent = 0;
};

base::byte_vector encode_introduction(const introduction& of);

class introduction_reader {
 public:
  base::result<bool> feed(base::byte_view bytes);
  introduction take_introduction();
  greeting take_greeting() { return greeting_.take(); }

 private:
  base::result<base::byte_view> read_head(base::byte_view bytes);

  base::byte_vector head_;
  introduction found_;
  bool introduced_ = false;
  greeting_reader greeting_;
};

std::string socket_path(const std::string& folder, const wire::process_epoch& epoch);

class neighbours {
 public:
  virtual ~neighbours() = default;
  virtual base::result<std::unique_ptr<net::carrier_link>> reach(
      const net::executor& runs_on, const wire::process_epoch& epoch) = 0;
};

}
