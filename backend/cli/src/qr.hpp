#pragma once

#include "complaint.hpp"

namespace httvps::ctl {

inline constexpr std::size_t qr_margin = 2;

outcome<std::string> to_qr(const std::string& text);

}
