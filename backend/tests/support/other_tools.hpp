#pragma once

#include "httvps/backend/services/service_tools.hpp"

namespace httvps::backend::test_support {

inline services::service_tools tools_over(services::store& storage,
                                          const services::service_tools& others) {
  return {.storage = storage,
          .authority = others.authority,
          .cipher = others.cipher,
          .clock = others.clock,
          .random = others.random,
          .fleet = others.fleet,
          .credentials = others.credentials};
}

inline services::service_tools tools_with(services::posting_queue& postings,
                                          services::store& storage,
                                          const services::service_tools& others) {
  auto made = tools_over(storage, others);
  made.postings = &postings;
  return made;
}

}
