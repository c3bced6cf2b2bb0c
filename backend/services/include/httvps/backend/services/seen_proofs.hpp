#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "httvps/base/clock.hpp"
#include "httvps/identity/device_proof.hpp"

namespace httvps::backend::services {

inline constexpr std::size_t seen_proofs_most = 65536;
inline constexpr auto seen_proof_memory = 2 * identity::device_proof_skew;

class seen_proofs {
 public:
  enum class outcome { fresh, replayed };

  explicit seen_proofs(std::size_t most = seen_proofs_most) noexcept : most_(most) {}

  outcome note(const identity::signature& proof, base::system_time now,
               std::string_view attempt = {});
  std::size_t size() const;

 private:
  struct seen_proof {
    identity::signature proof{};
    base::system_time until;
  };

  void forget_oldest();

  std::size_t most_;
  mutable std::mutex mutex_;
  std::map<identity::signature, std::string> known_;
  std::deque<seen_proof> by_age_;
};

}
