#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "httvps/base/log.hpp"
#include "httvps/base/metrics.hpp"
#include "httvps/gateway/control/control_plane.hpp"

namespace httvps::gateway {

namespace credential_failpoint {

inline constexpr std::string_view answered = "gateway.credential.answered";
inline constexpr std::string_view stored = "gateway.credential.stored";

}

struct credential_keeper_parts {
  control_plane& control;
  const base::clock& clock;
  base::logger log;
  base::metric_registry& registry;
  std::string state_dir;
  membership& member;
  std::function<void()> spread;
};

class credential_keeper {
 public:
  explicit credential_keeper(credential_keeper_parts parts);

  net::task<> follow(heartbeat_answer heard);
  void note_accepted() noexcept { tried_another_ = false; }
  bool try_another();

 private:
  net::task<> renew();
  base::result<void> adopt(base::secret_bytes next);
  void note_end(std::optional<std::chrono::seconds> lasts);
  double seconds_left() const;

  credential_keeper_parts parts_;
  base::counter renewed_;
  base::counter failed_;
  std::optional<base::steady_time> ends_at_;
  base::steady_time next_try_{};
  base::duration pause_;
  bool tried_another_ = false;
};

}
