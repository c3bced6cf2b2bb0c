#pragma once

#include <cstddef>

#include "httvps/base/clock.hpp"
#include "httvps/gateway/usage/allowance_desk.hpp"

namespace httvps::gateway {

class throttle {
 public:
  throttle(session_allowance allowed, const base::clock& clock)
      : allowed_(std::move(allowed)), clock_(clock) {}

  std::size_t take_up(std::size_t wanted);
  bool take_down(std::size_t whole);
  void give_back(std::size_t unused);
  void charge_up(std::size_t count);
  void charge_down(std::size_t count);

  void change(session_allowance allowed, std::size_t unsettled);
  base::duration wait() const;
  bool is_spent() const;
  lease_end end() const { return allowed_.quota->end(); }
  void begin_round() noexcept { lacked_ = {}; }

 private:
  std::size_t count(std::size_t passed);

  session_allowance allowed_;
  const base::clock& clock_;
  struct lacks {
    bool up = false;
    bool down = false;
    bool quota = false;
  };

  lacks lacked_;
};

}
