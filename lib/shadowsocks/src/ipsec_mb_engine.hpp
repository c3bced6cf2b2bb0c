#pragma once

#include <memory>

#include "httvps/shadowsocks/aead.hpp"

namespace httvps::shadowsocks {

bool ipsec_mb_runs_here() noexcept;
std::unique_ptr<aead_engine> make_ipsec_mb_engine();

}
