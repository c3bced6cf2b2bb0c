#pragma once

#include <chrono>

#include "httvps/base/random.hpp"

namespace httvps::base {

std::chrono::milliseconds give_or_take_a_tenth(std::chrono::milliseconds span,
                                               random_source& random);

}
