#pragma once

#include "httvps/backend/core/settings.hpp"
#include "httvps/base/error.hpp"

namespace httvps::backend {

enum class audit_outcome { whole, broken };

base::result<audit_outcome> verify_audit(const core::backend_settings& chosen);

}
