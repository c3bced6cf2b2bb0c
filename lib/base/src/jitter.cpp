#include "httvps/base/jitter.hpp"

namespace httvps::base {

std::chrono::milliseconds give_or_take_a_tenth(std::chrono::milliseconds span,
                                               random_source& random) {
  const auto tenth = span / 10;
  const auto jitter = random.below(static_cast<std::uint64_t>(2 * tenth.count()) + 1);
  return span - tenth + std::chrono::milliseconds(jitter);
}

}
