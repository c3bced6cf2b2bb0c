#pragma once

#include <cstddef>

#include "httvps/backend/services/store.hpp"
#include "httvps/base/clock.hpp"
#include "httvps/identity/key_set.hpp"

namespace httvps::backend::services {

base::result<> outgrow_earlier_versions(store& restored, base::system_time now);

base::result<std::size_t> adopt_published_keys(store& restored, const identity::key_set& published,
                                               base::system_time now);

}
