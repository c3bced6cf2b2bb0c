#pragma once

#include <map>
#include <optional>
#include <vector>

#include "session_support.hpp"

namespace httvps::wire {

struct carrier_wire {
  base::byte_vector up;
  base::byte_vector down;
  base::byte_vector up_log;
  base::byte_vector down_log;
  bool up_frozen = false;
  bool down_frozen = false;
};

class carrier_fleet {
 public:
  explicit carrier_fleet(session_limits limits = {}) : pair(limits) {}

  void dial(std::uint64_t number);
  void establish(std::uint64_t number);
  void lose(std::uint64_t number);
  void freeze(std::uint64_t number);
  void write(machine& from);
  bool deliver();
  void exchange();
  void pass(base::duration span);

  stream_id open(std::uint64_t carrier);
  carrier_wire& wire_of(std::uint64_t number) { return wires_[carrier_number{number}]; }
  std::vector<frame> sent_up(std::uint64_t number) { return frames_in(wire_of(number).up_log); }
  std::vector<frame> sent_down(std::uint64_t number) { return frames_in(wire_of(number).down_log); }
  void forget_logs();

  machine_pair pair;
  machine& client = pair.client;
  machine& gateway = pair.gateway;
  base::steady_time& now = pair.now;

 private:
  bool write_once(machine& from);
  bool deliver_once(machine& to, carrier_number number);
  void greet(carrier_number number, byte_view& bytes);

  std::map<carrier_number, carrier_wire> wires_;
};

const carrier_facts& facts_of(const std::vector<carrier_facts>& all, std::uint64_t number);
byte_count payload_in(const std::vector<frame>& frames);

template <typename Event>
std::optional<carrier_number> first_of(const machine& side) {
  for (const auto& each : side.other_events) {
    if (const auto* found = std::get_if<Event>(&each)) {
      return found->carrier;
    }
  }
  return std::nullopt;
}

struct two_carriers {
  two_carriers() {
    fleet.establish(1);
    id = fleet.open(1);
    fleet.establish(2);
    fleet.pass(std::chrono::seconds(1));
    fleet.forget_logs();
  }

  carrier_fleet fleet;
  stream_id id{};
};

}
