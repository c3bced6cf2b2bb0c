#pragma once

#include "httvps/base/log.hpp"
#include "httvps/gateway/config/settings.hpp"
#include "httvps/gateway/control/control_plane.hpp"
#include "httvps/net/endpoint.hpp"

namespace httvps::gateway {

base::result<gateway_place> place_of(const gateway_settings& settings, const net::endpoint& bound);

struct place_reporter_parts {
  control_plane& control;
  base::logger log;
  gateway_place place;
  base::duration pause_least = std::chrono::milliseconds(500);
  base::duration pause_most = std::chrono::seconds(30);
};

class place_reporter {
 public:
  explicit place_reporter(place_reporter_parts parts) : parts_(std::move(parts)) {}

  net::task<> run();
  void stop() noexcept { stopped_ = true; }

 private:
  place_reporter_parts parts_;
  bool stopped_ = false;
};

}
