#include <algorithm>

#include "sim_world.hpp"

namespace httvps::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t first_flight_most = 65'536;

}

line_number sim_world::open_line() {
  const auto line = connections_.size();
  auto& fresh = *connections_.emplace_back(std::make_unique<connection>());
  fresh.up =
      std::make_unique<pipe>(time_, draw_path(random_), random_,
                             pipe::ends{.to = [this, line](auto bytes) { carry_up(line, bytes); },
                                        .room = [this] { client_.pump(); }});
  fresh.down =
      std::make_unique<pipe>(time_, draw_path(random_), random_,
                             pipe::ends{.to = [this, line](auto bytes) { carry_down(line, bytes); },
                                        .room = [this] { gateway_.pump(); }});
  return line;
}

void sim_world::dial() {
  if (client_.session().ended()) {
    return;
  }
  const auto line = open_line();
  ++outcome_.carriers;
  client_.attach(line, wire::carrier_number{outcome_.carriers}, *connections_[line]->up);
}

void sim_world::carry_up(line_number line, base::byte_view bytes) {
  auto& each = *connections_[line];
  if (each.first_flight.size() < first_flight_most) {
    base::append(each.first_flight, bytes);
  }
  outcome_.late_frames += each.client_gone && !each.replayed ? 1 : 0;
  if (!each.gateway_gone) {
    gateway_.take_bytes(line, *each.down, bytes);
  }
}

void sim_world::carry_down(line_number line, base::byte_view bytes) {
  auto& each = *connections_[line];
  outcome_.late_frames += each.gateway_gone ? 1 : 0;
  if (!each.client_gone) {
    client_.take_bytes(line, *each.up, bytes);
  }
}

void sim_world::tell_end(wire::role side, line_number line, base::steady_time when) {
  time_.at(when, [this, side, line] {
    auto& each = *connections_[line];
    auto& gone = side == wire::role::client ? each.client_gone : each.gateway_gone;
    if (gone) {
      return;
    }
    gone = true;
    (side == wire::role::client ? client_ : gateway_).end_of(line);
  });
}

void sim_world::hang_up(wire::role side, line_number line, parting how) {
  auto& each = *connections_[line];
  const bool client = side == wire::role::client;
  (client ? each.client_gone : each.gateway_gone) = true;
  auto& out = client ? *each.up : *each.down;
  const auto last = how == parting::gracefully ? out.close() : out.cut();
  if (!out.frozen()) {
    tell_end(client ? wire::role::gateway : wire::role::client, line, last);
  }
}

void sim_world::plan_faults() {
  const bool dies = plan_.fate == fate::loses_its_carrier || plan_.fate == fate::is_never_resumed;
  faults_left_ = dies ? 1 : plan_.faults;
  if (faults_left_ > 0) {
    time_.after(up_to(random_, 1ms + plan_.fault_pause), [this] { strike(); });
  }
}

void sim_world::strike() {
  --faults_left_;
  const bool redialled = redials(plan_.fate);
  strike_with(redialled ? draw_fault(plan_.fate, random_) : fault::cut_all);
  if (faults_left_ > 0) {
    time_.after(up_to(random_, plan_.fault_pause), [this] { strike(); });
  }
}

void sim_world::strike_with(fault what) {
  const auto line = random_line();
  if (what == fault::rotate) {
    client_.rotate();
  } else if (what == fault::cut_all) {
    for (line_number each = 0; each < connections_.size(); ++each) {
      cut(each);
    }
  } else if (line && what == fault::cut) {
    cut(*line);
  } else if (line && what == fault::repeat_hello) {
    repeat_hello(*line);
  } else if (line) {
    freeze(*line, what);
  }
}

std::optional<line_number> sim_world::random_line() {
  std::vector<line_number> live;
  for (line_number each = 0; each < connections_.size(); ++each) {
    const auto& found = *connections_[each];
    if (!found.client_gone && !found.gateway_gone && !found.replayed) {
      live.push_back(each);
    }
  }
  if (live.empty()) {
    return std::nullopt;
  }
  return live[static_cast<std::size_t>(random_.below(live.size()))];
}

void sim_world::cut(line_number line) {
  auto& broken = *connections_[line];
  if (broken.client_gone && broken.gateway_gone) {
    return;
  }
  ++outcome_.cuts;
  const auto slowness = happens(random_, 20) ? base::duration(20s) : base::duration(2s);
  tell_end(wire::role::gateway, line, broken.up->cut() + up_to(random_, slowness));
  tell_end(wire::role::client, line, broken.down->cut() + up_to(random_, slowness));
}

void sim_world::freeze(line_number line, fault direction) {
  auto& struck = *connections_[line];
  ++outcome_.freezes;
  (direction == fault::freeze_up ? struck.up : struck.down)->freeze();
}

void sim_world::repeat_hello(line_number line) {
  const auto& flight = connections_[line]->first_flight;
  if (flight.empty()) {
    return;
  }
  ++outcome_.repeated_hellos;
  const auto again = open_line();
  connections_[again]->replayed = connections_[again]->client_gone = true;
  connections_[again]->up->push(flight);
}

}
