#include <algorithm>

#include "sim_host.hpp"

namespace httvps::sim {
namespace {

using namespace std::chrono_literals;

constexpr base::duration ready_within = 10s;
constexpr base::duration retry_refused_after = 2s;

bool serves(const wire::carrier_facts& each) {
  return !each.suspect && !each.retiring;
}

}

std::optional<line_number> sim_host::line_of(wire::carrier_number number) const {
  for (const auto& [line, each] : lanes_) {
    if (each.number == number) {
      return line;
    }
  }
  return std::nullopt;
}

void sim_host::drop(line_number line, parting how) {
  const auto number = lanes_.at(line).number;
  lanes_.erase(line);
  session_.detach(number, what_.time.now());
  what_.hang_up(line, how);
}

void sim_host::keep_carriers() {
  keeping_ = false;
  if (session_.ended()) {
    return;
  }
  const auto facts = session_.carriers();
  auto serving = static_cast<std::size_t>(std::ranges::count_if(facts, serves));
  for (; serving < what_.plan.carriers; ++serving) {
    what_.dial();
  }
}

void sim_host::keep_carriers_soon(base::duration most) {
  if (what_.role != wire::role::client || keeping_ || !redials(what_.plan.fate)) {
    return;
  }
  keeping_ = true;
  what_.time.after(up_to(what_.random, most), [this] { keep_carriers(); });
}

void sim_host::drop_suspects_soon() {
  if (what_.role == wire::role::client) {
    what_.time.after(up_to(what_.random, 3s), [this] { drop_suspects(); });
  }
}

void sim_host::drop_suspects() {
  const auto facts = session_.carriers();
  const bool another =
      std::ranges::any_of(facts, [](const auto& each) { return each.ready && serves(each); });
  for (const auto& each : facts) {
    const auto line = line_of(each.number);
    if (another && each.suspect && line) {
      drop(*line, parting::abruptly);
    }
  }
  keep_carriers_soon(1s);
  pump();
}

void sim_host::drop_if_never_ready(wire::carrier_number number) {
  what_.time.after(ready_within, [this, number] {
    const auto facts = session_.carriers();
    const auto found = std::ranges::find(facts, number, &wire::carrier_facts::number);
    if (found == facts.end() || found->ready) {
      return;
    }
    drop(*line_of(number), parting::abruptly);
    keep_carriers_soon(1s);
    pump();
  });
}

void sim_host::rotate() {
  const auto facts = session_.carriers();
  const auto oldest =
      std::ranges::find_if(facts, [](const auto& each) { return each.ready && serves(each); });
  if (session_.ended() || oldest == facts.end()) {
    return;
  }
  leaving_ = oldest->number;
  what_.dial();
}

void sim_host::on_ready(wire::carrier_number number) {
  drop_suspects_soon();
  if (leaving_ && *leaving_ != number) {
    session_.retire(*leaving_, 0, what_.time.now());
    leaving_.reset();
  }
}

void sim_host::close_retired() {
  for (auto each = lanes_.begin(); each != lanes_.end();) {
    const auto current = each++;
    const auto& held = current->second;
    if (held.closing && !session_.has_output(held.number, what_.time.now())) {
      drop(current->first, parting::gracefully);
      keep_carriers_soon(1s);
    }
  }
}

void sim_host::on_carrier_event(const wire::session_event& event) {
  if (const auto* ready = std::get_if<wire::carrier_ready>(&event)) {
    on_ready(ready->carrier);
  } else if (std::holds_alternative<wire::carrier_suspected>(event)) {
    ++seen_.suspicions;
    keep_carriers_soon(200ms);
    drop_suspects_soon();
  } else if (const auto* retired = std::get_if<wire::carrier_retired>(&event)) {
    ++seen_.retirements;
    if (const auto line = line_of(retired->carrier)) {
      lanes_.at(*line).closing = true;
    }
  } else if (const auto* failed = std::get_if<wire::carrier_failed>(&event)) {
    if (const auto line = line_of(failed->carrier)) {
      drop(*line, parting::abruptly);
    }
    keep_carriers_soon(retry_refused_after);
  }
}

}
