#pragma once

#include "amending.hpp"

namespace httvps::backend::services {

base::result<> take_devices_along(const change_scope& scope, const models::subscription& heir,
                                  const models::plan& terms);

}
