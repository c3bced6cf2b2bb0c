#pragma once

#include "httvps/backend/services/store.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::backend::services {

base::result<> outgrow_earlier_versions(store& restored, base::system_time now);

}
