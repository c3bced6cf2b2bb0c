#include "scenario.hpp"

#include <fmt/format.h>

#include <array>

namespace httvps::sim {
namespace {

using namespace std::chrono_literals;

template <typename Value, std::size_t Size>
Value pick(base::random_source& random, const std::array<Value, Size>& values) {
  return values[static_cast<std::size_t>(random.below(Size))];
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

wire::session_limits draw_limits(fate what, base::random_source& random) {
  wire::session_limits limits;
  limits.half_closed_idle = 100h;
  limits.replay = pick(random, std::array<byte_count, 3>{70'000, 400'000, wire::replay_cap});
  limits.unread = pick(random, std::array<byte_count, 3>{300'000, 2'000'000, 33'554'432});
  limits.streams = pick(random, std::array<std::size_t, 3>{8, 64, 4096});
  limits.stalled_after = pick(random, std::array<std::chrono::milliseconds, 2>{200ms, 1000ms});
  if (what == fate::resumes) {
    limits.detached_for = 10h;
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

scenario draw_scenario(fate what, base::random_source& random) {
  scenario drawn{.fate = what, .up = draw_path(random), .down = draw_path(random)};
  drawn.limits = draw_limits(what, random);
  drawn.memory = pick(random, std::array<byte_count, 4>{200'000, 1'000'000, 8'000'000, 64'000'000});
  drawn.actions = 30 + static_cast<std::size_t>(random.below(400));
  drawn.streams_most = pick(random, std::array<std::size_t, 4>{1, 6, 30, 200});
  drawn.write_most = pick(random, std::array<std::size_t, 4>{40, 3'000, 30'000, 200'000});
  drawn.output_buffer = pick(random, std::array<std::size_t, 3>{2'048, 17'000, 65'536});
  drawn.input_piece = pick(random, std::array<std::size_t, 4>{7, 100, 5'000, 65'536});
  drawn.stall_percent = pick(random, std::array<std::uint64_t, 3>{0, 5, 40});
  drawn.partial_read_percent = pick(random, std::array<std::uint64_t, 3>{0, 20, 80});
  drawn.ending_percent = pick(random, std::array<std::uint64_t, 3>{3, 15, 40});
  drawn.reentry_percent = pick(random, std::array<std::uint64_t, 3>{0, 0, 2});
  drawn.pause_most = pick(random, std::array<base::duration, 4>{1ms, 20ms, 200ms, 40s});
  return drawn;
}

std::string describe(const scenario& drawn) {
  const auto path = [](const path_quality& each) {
    return fmt::format("{} ms +{} ms {} B/s {} B", each.delay / 1ms, each.jitter / 1ms,
                       each.bytes_a_second, each.capacity);
  };
  return fmt::format(
      "up [{}] down [{}] memory {} replay {} unread {} limit {} actions {} streams {} write {} "
      "output {} input {} stall {} % partial {} % ending {} %",
      path(drawn.up), path(drawn.down), drawn.memory, drawn.limits.replay, drawn.limits.unread,
      drawn.limits.streams, drawn.actions, drawn.streams_most, drawn.write_most,
      drawn.output_buffer, drawn.input_piece, drawn.stall_percent, drawn.partial_read_percent,
      drawn.ending_percent);
}

}
