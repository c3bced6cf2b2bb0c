#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim_host.hpp"

namespace httvps::sim {

struct outcome {
  std::string failure;
  std::size_t streams = 0;
  byte_count bytes = 0;
  std::size_t carriers = 0;
  std::size_t resets = 0;
  std::size_t cuts = 0;
  std::size_t freezes = 0;
  std::size_t repeated_hellos = 0;
  std::size_t late_frames = 0;
  sightings seen;
};

class sim_world {
 public:
  sim_world(fate what, std::uint64_t seed);

  outcome run();

 private:
  struct connection {
    std::unique_ptr<pipe> up;
    std::unique_ptr<pipe> down;
    base::byte_vector first_flight;
    bool client_gone = false;
    bool gateway_gone = false;
    bool replayed = false;
  };

  sim_host::parts parts_of(wire::role role);
  void dial();
  line_number open_line();
  void carry_up(line_number line, base::byte_view bytes);
  void carry_down(line_number line, base::byte_view bytes);
  void hang_up(wire::role side, line_number line, parting how);
  void tell_end(wire::role side, line_number line, base::steady_time when);

  void plan_faults();
  void strike();
  void strike_with(fault what);
  void cut(line_number line);
  void freeze(line_number line, fault direction);
  void repeat_hello(line_number line);
  std::optional<line_number> random_line();
  void take_turn(std::size_t left);
  void close_round();
  bool over() const;
  void run_until_over();

  void count_what_was_seen();
  void check_end();
  void check_lives();
  void check_death();
  void check_balance(const sim_host& sender, const sim_host& receiver);
  void check_stream(wire::stream_id stream, const app_stream& reader, const app_stream& writer);
  void fail(std::string why);

  base::seeded_random random_;
  scenario plan_;
  timeline time_;
  std::vector<std::unique_ptr<connection>> connections_;
  outcome outcome_;
  sim_host client_;
  sim_host gateway_;
  std::size_t faults_left_ = 0;
  bool acting_ = true;
};

}
