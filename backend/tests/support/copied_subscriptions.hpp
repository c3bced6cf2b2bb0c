#pragma once

#include "deployment.hpp"

namespace httvps::backend::test_support {

inline base::result<> insert_copies(const deployment& world, models::subscription subject,
                                    std::uint32_t copies) {
  return world.store->write([&](services::repositories& tables) -> base::result<> {
    for (std::uint32_t i = 0; i < copies; ++i) {
      subject.id = models::subscription_id::make(world.clock.system_now(), world.tools.random);
      HTTVPS_CHECK(tables.subscriptions.insert(subject));
    }
    return {};
  });
}

}
