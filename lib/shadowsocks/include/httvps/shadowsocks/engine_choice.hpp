#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "httvps/shadowsocks/aead.hpp"

namespace httvps::shadowsocks {

enum class engine_choice : std::uint8_t { automatic, openssl, ipsec_mb };

struct running_engine {
  std::unique_ptr<aead_engine> engine;
  std::string_view name;
};

running_engine make_engine(engine_choice wanted);

}
