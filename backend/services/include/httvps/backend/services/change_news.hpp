#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/backend/services/store.hpp"

namespace httvps::backend::services {

inline constexpr std::size_t most_changes_told = 32;

struct change_news {
  std::uint64_t version = 0;
  std::vector<std::string> changed;

  bool operator==(const change_news&) const = default;
};

base::result<change_news> find_terms_news(repositories& tables);
base::result<> note_changed_terms(repositories& tables, std::string_view subject);
base::result<change_news> find_key_news(repositories& tables);
base::result<> note_rotated_keys(repositories& tables, const models::node_id& node);

}
