#pragma once

#include <memory>
#include <string>
#include <vector>

#include "httvps/base/log.hpp"
#include "httvps/gateway/app/worker.hpp"
#include "httvps/net/scope.hpp"

namespace httvps::gateway {

enum class service_order { serve, drain, stop };

struct drain_parts {
  control_plane& control;
  base::logger log;
  std::vector<worker*> workers;
  std::chrono::milliseconds limit{};
};

class drain_duty {
 public:
  drain_duty(const net::executor& runs_on, drain_parts parts);

  void follow(service_order wanted);
  void cancel();
  service_phase phase() const noexcept { return phase_; }

 private:
  net::task<> send_all_away(std::uint64_t turn);
  net::task<> end_all(std::uint64_t turn);
  net::task<std::shared_ptr<const successor_map>> ask_for_successors(std::uint64_t turn);
  net::task<std::vector<std::string>> hold_back(std::uint64_t turn);
  net::task<std::size_t> send_away(std::uint64_t turn, std::shared_ptr<const successor_map> known);
  bool is_current(std::uint64_t turn) const noexcept { return turn == turn_; }

  drain_parts parts_;
  service_order order_ = service_order::serve;
  service_phase phase_ = service_phase::serving;
  std::uint64_t turn_ = 0;
  net::scope scope_;
};

}
