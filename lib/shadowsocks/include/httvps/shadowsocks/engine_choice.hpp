#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "httvps/shadowsocks/aead.hpp"

namespace httvps::shadowsocks {

enum class engine_choice : std::uint8_t { automatic, openssl, ipsec_mb };
enum class engine_support : std::uint8_t { openssl_only, ipsec_mb_too };

base::result<engine_choice> engine_from_name(std::string_view name) noexcept;
engine_support supported_engines() noexcept;
base::result<engine_choice> settle(engine_choice wanted, engine_support here) noexcept;

struct running_engine {
  std::unique_ptr<aead_engine> engine;
  std::string_view name;
};

base::result<running_engine> make_engine(engine_choice wanted);

}
