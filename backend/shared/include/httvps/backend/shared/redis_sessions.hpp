#pragma once

#include "httvps/backend/shared/key_names.hpp"
#include "httvps/backend/shared/live_sessions.hpp"
#include "httvps/backend/shared/redis_client.hpp"

namespace httvps::backend::shared {

class redis_sessions final : public live_sessions {
 public:
  redis_sessions(redis_client& redis, const key_names& names, live_sessions& meanwhile)
      : redis_(redis), names_(names), meanwhile_(meanwhile) {}

  base::result<std::uint32_t> admit(const session_arrival& arrived) override;
  base::result<roll_reply> note(const session_roll& told) override;

 private:
  base::result<std::uint32_t> admit_in_redis(const session_arrival& arrived);
  base::result<roll_reply> note_in_redis(const session_roll& told);

  redis_client& redis_;
  const key_names& names_;
  live_sessions& meanwhile_;
};

}
