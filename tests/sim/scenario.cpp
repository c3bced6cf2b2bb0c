#include "scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace httvps::sim {
namespace {

using namespace std::chrono_literals;

template <typename Value, std::size_t Size>
Value pick(base::random_source& random, const std::array<Value, Size>& values) {
  return values[static_cast<std::size_t>(random.below(Size))];
}

std::size_t draw_carriers(fate what, base::random_source& random) {
  if (!redials(what)) {
    return 1;
  }
  return what == fate::survives_on_another ? 2 + static_cast<std::size_t>(random.below(2))
                                           : 1 + static_cast<std::size_t>(random.below(3));
}

wire::session_limits draw_limits(fate what, base::random_source& random) {
  wire::session_limits limits;
  limits.half_closed_idle = 100h;
  limits.replay = pick(random, std::array<byte_count, 3>{70'000, 400'000, wire::replay_cap});
  limits.unread = pick(random, std::array<byte_count, 3>{300'000, 2'000'000, 33'554'432});
  limits.streams = pick(random, std::array<std::size_t, 3>{8, 64, 4096});
  limits.stalled_after = pick(random, std::array<std::chrono::milliseconds, 2>{200ms, 1000ms});
  if (redials(what)) {
    limits.detached_for = 1h;
  } else if (what == fate::is_never_resumed) {
    limits.detached_for = std::chrono::seconds(60);
  } else {
    limits.detached_for = std::chrono::seconds(0);
  }
  return limits;
}

}

bool happens(base::random_source& random, std::uint64_t percent) {
  return random.below(100) < percent;
}

base::duration up_to(base::random_source& random, base::duration most) {
  return base::duration(
      static_cast<base::duration::rep>(random.below(static_cast<std::uint64_t>(most.count()) + 1)));
}

path_quality draw_path(base::random_source& random) {
  constexpr std::array<base::duration, 5> delays{0ms, 1ms, 20ms, 80ms, 300ms};
  constexpr std::array<byte_count, 4> rates{100'000, 2'000'000, 50'000'000, 2'000'000'000};
  constexpr std::array<byte_count, 4> capacities{4'096, 20'000, 200'000, 4'000'000};
  const auto delay = pick(random, delays);
  return {.delay = delay,
          .jitter = up_to(random, delay / 2),
          .bytes_a_second = pick(random, rates),
          .capacity = pick(random, capacities)};
}

bool redials(fate what) {
  return what != fate::lives && what != fate::loses_its_carrier && what != fate::is_never_resumed;
}

fault draw_fault(fate what, base::random_source& random) {
  if (happens(random, 20)) {
    return fault::repeat_hello;
  }
  switch (what) {
    case fate::freezes:
      return pick(random,
                  std::array{fault::freeze_up, fault::freeze_down, fault::freeze_down, fault::cut});
    case fate::rotates:
      return pick(random, std::array{fault::rotate, fault::rotate, fault::cut});
    case fate::survives_on_another:
      return fault::cut;
    default:
      return pick(random, std::array{fault::cut_all, fault::cut_all, fault::cut});
  }
}

scenario draw_scenario(fate what, base::random_source& random) {
  scenario drawn{.fate = what};
  drawn.limits = draw_limits(what, random);
  drawn.carriers = draw_carriers(what, random);
  drawn.faults = redials(what) ? 1 + static_cast<std::size_t>(random.below(8)) : 0;
  drawn.memory = pick(random, std::array<byte_count, 4>{200'000, 1'000'000, 8'000'000, 64'000'000});
  drawn.actions = 30 + static_cast<std::size_t>(random.below(200));
  drawn.streams_most = pick(random, std::array<std::size_t, 4>{1, 6, 30, 200});
  drawn.write_most = pick(random, std::array<std::size_t, 4>{40, 3'000, 30'000, 200'000});
  drawn.output_buffer = pick(random, std::array<std::size_t, 3>{2'048, 17'000, 65'536});
  drawn.input_piece = pick(random, std::array<std::size_t, 4>{7, 100, 5'000, 65'536});
  drawn.stall_percent = pick(random, std::array<std::uint64_t, 3>{0, 5, 40});
  drawn.partial_read_percent = pick(random, std::array<std::uint64_t, 3>{0, 20, 80});
  drawn.ending_percent = pick(random, std::array<std::uint64_t, 3>{3, 15, 40});
  drawn.reentry_percent = pick(random, std::array<std::uint64_t, 3>{0, 0, 2});
  drawn.pause_most = pick(random, std::array<base::duration, 4>{1ms, 20ms, 200ms, 40s});
  drawn.fault_pause = std::clamp<base::duration>(drawn.pause_most * 40, 100ms, 60s);
  return drawn;
}

std::string describe(const scenario& drawn) {
  return fmt::format(
      "carriers {} faults {} memory {} replay {} unread {} limit {} actions {} streams {} write {} "
      "output {} input {} stall {} % partial {} % ending {} %",
      drawn.carriers, drawn.faults, drawn.memory, drawn.limits.replay, drawn.limits.unread,
      drawn.limits.streams, drawn.actions, drawn.streams_most, drawn.write_most,
      drawn.output_buffer, drawn.input_piece, drawn.stall_percent, drawn.partial_read_percent,
      drawn.ending_percent);
}

}
