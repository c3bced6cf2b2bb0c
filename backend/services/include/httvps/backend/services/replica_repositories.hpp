#pragma once

#include <cstdint>
#include <string>

#include "httvps/base/clock.hpp"
#include "httvps/base/error.hpp"

namespace httvps::backend::services {

inline constexpr std::uint32_t replica_schema = 13;
inline constexpr std::uint32_t proof_attempt_schema = 21;

struct shown_proof {
  std::string proof;
  base::system_time known_until;
  std::string attempt = {};
};

struct outdated_proofs {
  base::system_time before;
  std::size_t most = 0;
};

class seen_proof_repository {
 public:
  virtual ~seen_proof_repository() = default;
  virtual base::result<bool> note(const shown_proof& shown) = 0;
  virtual base::result<std::uint64_t> forget(const outdated_proofs& outdated) = 0;
};

}
