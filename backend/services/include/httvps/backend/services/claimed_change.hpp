#pragma once

#include "httvps/backend/services/store.hpp"

namespace httvps::backend::services {

base::result<> note_claimed_change(repositories& tables, const models::idempotency_claim& held);

}
