#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/event_loop.hpp"
#include "loadgen/options.hpp"
#include "loadgen/session.hpp"
#include "loadgen/tally.hpp"

namespace httvps::bench {

class load {
 public:
  explicit load(const load_options& options);

  void run();
  void hold_until_input_ends();
  std::string report();
  bool clean() const noexcept;

 private:
  void start_next();
  void step(std::size_t slot, moment now);
  void settle(std::size_t slot, const base::result<void>& outcome);
  void close(std::size_t slot);
  void give_up();

  load_options options_;
  descriptor upload_file_;
  std::vector<session_plan> plans_;
  std::vector<std::unique_ptr<session>> sessions_;
  std::vector<std::size_t> free_slots_;
  event_loop loop_;
  tally tally_;
  std::uint64_t started_ = 0;
  moment began_{};
  moment ended_{};
};

}
