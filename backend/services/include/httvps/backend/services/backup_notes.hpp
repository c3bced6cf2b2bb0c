#pragma once

#include <optional>

#include "httvps/backend/services/store.hpp"

namespace httvps::backend::services {

base::result<> note_backup(store& storage, base::system_time made_at);
base::result<std::optional<base::system_time>> last_backup(repositories& tables);

}
