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
};

class sim_world {
 public:
  sim_world(fate what, std::uint64_t seed);

  outcome run();

 private:
  struct connection {
    std::unique_ptr<pipe> up;
    std::unique_ptr<pipe> down;
  };

  sim_host::parts parts_of(wire::role role);
  void connect();
  void plan_cuts();
  void cut();
  void take_turn(std::size_t left);
  void close_round();
  bool over() const;
  void run_until_over();

  void check_end();
  void check_lives();
  void check_death();
  void check_balance(const sim_host& sender, const sim_host& receiver);
  void check_stream(wire::stream_id stream, const app_stream& reader, const app_stream& writer);
  void fail(std::string why);

  base::seeded_random random_;
  scenario plan_;
  timeline time_;
  std::vector<connection> connections_;
  outcome outcome_;
  sim_host client_;
  sim_host gateway_;
  std::size_t cuts_left_ = 0;
  bool acting_ = true;
};

}
