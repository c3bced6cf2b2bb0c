#pragma once

#include <functional>

#include "call_outcome.hpp"
#include "httvps/backend/services/idempotency_service.hpp"

namespace httvps::backend::api {

using call_runner = std::function<outcome()>;

class keyed_calls {
 public:
  keyed_calls(const services::idempotency_service& keys, base::metric_registry& metrics);

  outcome serve(const route& found, call& made, const call_runner& run);

 private:
  outcome run_claimed(call& made, const call_runner& run);
  void settle(const models::idempotency_claim& held, const outcome& finished);

  const services::idempotency_service& keys_;
  base::counter replayed_;
  base::counter unsettled_;
};

}
