#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "httvps/backend/models/rewrap_state.hpp"
#include "httvps/backend/services/store.hpp"

namespace httvps::backend::services {

struct rewrap_order {
  models::rewrap_state state = models::rewrap_state::idle;
  std::string key_id;
  std::optional<base::system_time> ordered_at;
  std::optional<base::system_time> finished_at;
  std::uint64_t rewrapped = 0;
  std::uint64_t unreadable = 0;
  std::uint64_t column = 0;
  std::string after;
};

base::result<rewrap_order> load_rewrap(repositories& tables);
base::result<> save_rewrap(repositories& tables, const rewrap_order& order);

}
