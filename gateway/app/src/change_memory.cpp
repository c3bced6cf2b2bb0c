#include "change_memory.hpp"

#include <utility>

namespace httvps::gateway {

std::optional<recheck_order> change_memory::take(std::uint64_t version,
                                                 const std::vector<std::string>& changed) {
  const auto known = std::exchange(version_, version);
  if (known == version) {
    return std::nullopt;
  }
  const bool is_later = known && version > *known;
  const auto changes = is_later ? version - *known : 0;
  if (!is_later || changes > changed.size()) {
    return recheck_order{};
  }
  const auto first = changed.begin();
  return recheck_order{
      .changed = std::set<std::string>(first, first + static_cast<std::ptrdiff_t>(changes))};
}

}
