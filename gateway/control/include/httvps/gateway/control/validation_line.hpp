#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "httvps/base/metrics.hpp"
#include "httvps/gateway/control/control_plane.hpp"
#include "httvps/net/event.hpp"

namespace httvps::gateway {

struct validation_meter {
  base::counter alone;
  base::counter together;
  base::counter refused;
  base::gauge waiting;
};

struct validation_line_limits {
  std::size_t under_way = 2;
  std::size_t together = validated_together_most;
  std::size_t waiting = 4096;
  base::duration patience = control_call_limit;
  base::duration alone_after_refusal = std::chrono::seconds(10);
};

struct validation_line_parts {
  net::executor runs_on;
  base::clock& clock;
  control_plane& control;
  std::function<base::result<>(net::task<>)> spawn;
  validation_meter meter;
  validation_line_limits limits = {};
};

class validation_line {
 public:
  explicit validation_line(validation_line_parts parts) : parts_(std::move(parts)) {}

  net::task<validation> ask(device_session wanted);

 private:
  struct place {
    place(const net::executor& runs_on, device_session wanted)
        : asked(std::move(wanted)), told(runs_on) {}

    device_session asked;
    net::event told;
    std::optional<base::result<validation>> answer;
    bool is_waiting = false;
    bool is_over = false;
  };
  using group = std::vector<std::shared_ptr<place>>;

  void leave(const std::shared_ptr<place>& mine);
  void set_out();
  group take_group();
  void put_back(const group& refused);
  net::task<> travel(group going);
  net::task<> travel_together(group going);
  static void tell(place& one, base::result<validation> answer);

  validation_line_parts parts_;
  std::deque<std::shared_ptr<place>> waiting_;
  std::size_t under_way_ = 0;
  base::steady_time alone_until_{};
};

}
