#pragma once

#include <memory>

#include "httvps/shadowsocks/aead.hpp"

namespace httvps::shadowsocks {

std::unique_ptr<aead_engine> make_ipsec_mb_engine();

}
