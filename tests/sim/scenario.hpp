#pragma once

#include <cstdint>
#include <string>

#include "httvps/base/clock.hpp"
#include "httvps/base/random.hpp"
#include "httvps/wire/limits.hpp"

namespace httvps::sim {

using base::byte_count;

enum class fate {
  lives,
  resumes,
  survives_on_another,
  freezes,
  rotates,
  loses_its_carrier,
  is_never_resumed
};

enum class fault { cut, cut_all, freeze_up, freeze_down, rotate, repeat_hello };

struct path_quality {
  base::duration delay{};
  base::duration jitter{};
  byte_count bytes_a_second = 0;
  byte_count capacity = 0;
};

struct scenario {
  sim::fate fate = fate::lives;
  wire::session_limits limits;
  byte_count memory = 0;
  std::size_t carriers = 1;
  std::size_t faults = 0;
  base::duration fault_pause{};
  std::size_t actions = 0;
  std::size_t streams_most = 0;
  std::size_t write_most = 0;
  std::size_t output_buffer = 0;
  std::size_t input_piece = 0;
  std::uint64_t stall_percent = 0;
  std::uint64_t partial_read_percent = 0;
  std::uint64_t ending_percent = 0;
  std::uint64_t reentry_percent = 0;
  base::duration pause_most{};
};

bool redials(fate what);
fault draw_fault(fate what, base::random_source& random);
path_quality draw_path(base::random_source& random);
scenario draw_scenario(fate what, base::random_source& random);
std::string describe(const scenario& drawn);

bool happens(base::random_source& random, std::uint64_t percent);
base::duration up_to(base::random_source& random, base::duration most);

}
