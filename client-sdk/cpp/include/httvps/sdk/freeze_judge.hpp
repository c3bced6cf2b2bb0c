#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "httvps/base/clock.hpp"

namespace httvps::sdk {

struct carrier_silence {
  base::steady_time since{};
  base::steady_time suspected_at{};
  std::optional<base::steady_time> other_heard = std::nullopt;
  std::optional<base::duration> round_trip = std::nullopt;
};

struct ended_dial {
  base::steady_time began{};
  base::steady_time ended{};
  std::optional<base::duration> round_trip = std::nullopt;
};

class freeze_judge {
 public:
  void note_dial(base::steady_time began) { dialling_.push_back(began); }
  void note_answered(const ended_dial& dial);
  void note_failed(const ended_dial& dial);

  bool is_freeze(const carrier_silence& silence, base::steady_time now);

 private:
  void forget_dial(base::steady_time began);
  bool network_was_away(const carrier_silence& silence, base::steady_time now) const;

  std::vector<base::steady_time> dialling_;
  std::optional<base::steady_time> away_at_;
  std::optional<base::steady_time> last_freeze_;
};

}
