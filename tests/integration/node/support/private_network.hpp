#pragma once

namespace httvps::testing {

inline constexpr const char* public_address = "203.0.113.7";

void enter_private_network();

}
