#pragma once

#include <functional>

#include "httvps/base/log.hpp"
#include "httvps/gateway/control/control_plane.hpp"
#include "httvps/net/scope.hpp"

namespace httvps::gateway {

struct config_watch_times {
  std::chrono::seconds wait{30};
  base::duration pace = std::chrono::milliseconds(200);
  base::duration pause_least = std::chrono::milliseconds(500);
  base::duration pause_most = std::chrono::seconds(30);
};

struct config_watch_parts {
  control_plane& control;
  base::logger log;
  std::function<net::task<>(published_config)> take;
  std::function<void(const base::error&)> refused;
  config_watch_times times = {};
};

class config_watch {
 public:
  config_watch(const net::executor& runs_on, config_watch_parts parts);

  void start();
  void stop();
  bool is_idle() const noexcept { return scope_.size() == 0; }

 private:
  enum class step { asked, changed, waited, too_soon, no_poll };

  net::task<> run();
  net::task<step> turn();
  step note_pending(base::steady_time started);
  net::task<step> take(published_config config);
  base::duration pause_after(const base::result<step>& done);

  config_watch_parts parts_;
  std::uint64_t rev_ = 0;
  bool is_pending_ = false;
  base::duration pause_;
  net::scope scope_;
};

}
