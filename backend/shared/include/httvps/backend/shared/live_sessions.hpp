#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "httvps/base/clock.hpp"
#include "httvps/base/error.hpp"

namespace httvps::backend::shared {

inline constexpr std::chrono::seconds silent_holder_patience{30};
inline constexpr std::size_t most_sessions_told = 500;

struct live_session {
  std::string device;
  std::string holder;
  std::string session;
};

struct session_arrival {
  live_session who;
  base::system_time opened_at;
  std::uint32_t limit = 0;
};

struct session_roll {
  std::string holder;
  std::string roll;
  std::uint64_t seq = 0;
  std::vector<live_session> ended;
};

enum class roll_standing { in_step, out_of_step };

struct roll_reply {
  roll_standing standing = roll_standing::in_step;
  std::vector<std::string> to_end;
};

class live_sessions {
 public:
  virtual ~live_sessions() = default;
  virtual base::result<std::uint32_t> admit(const session_arrival& arrived) = 0;
  virtual base::result<roll_reply> note(const session_roll& told) = 0;
};

}
