#include "terms_memory.hpp"

#include <utility>

namespace httvps::gateway {

std::optional<recheck_order> terms_memory::take(const heartbeat_answer& heard) {
  const auto known = std::exchange(version_, heard.terms_version);
  if (known == heard.terms_version) {
    return std::nullopt;
  }
  const bool is_later = known && heard.terms_version > *known;
  const auto changes = is_later ? heard.terms_version - *known : 0;
  if (!is_later || changes > heard.terms_changed.size()) {
    return recheck_order{};
  }
  const auto first = heard.terms_changed.begin();
  return recheck_order{
      .changed = std::set<std::string>(first, first + static_cast<std::ptrdiff_t>(changes))};
}

}
