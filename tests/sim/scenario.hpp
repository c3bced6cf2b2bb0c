#pragma once

#include <cstdint>
#include <string>

#include "httvps/base/clock.hpp"
#include "httvps/base/random.hpp"
#include "httvps/wire/limits.hpp"

namespace httvps::sim {

using base::byte_count;

enum class fate { lives, resumes, loses_its_carrier, is_never_resumed };

struct path_quality {
  base::duration delay{};
  base::duration jitter{};
  byte_count bytes_a_second = 0;
  byte_count capacity = 0;
};

struct scenario {
  sim::fate fate = fate::lives;
  path_quality up;
  path_quality down;
  wire::session_limits limits;
  byte_count memory = 0;
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

scenario draw_scenario(fate what, base::random_source& random);
std::string describe(const scenario& drawn);

bool happens(base::random_source& random, std::uint64_t percent);
base::duration up_to(base::random_source& random, base::duration most);

}
