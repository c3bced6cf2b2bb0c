#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/backend/services/store.hpp"

namespace httvps::backend::services {

inline constexpr std::size_t most_terms_changes = 32;

struct terms_news {
  std::uint64_t version = 0;
  std::vector<std::string> changed;

  bool operator==(const terms_news&) const = default;
};

base::result<terms_news> find_terms_news(repositories& tables);
base::result<> note_changed_terms(repositories& tables, std::string_view subject);

}
