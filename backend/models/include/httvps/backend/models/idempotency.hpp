#pragma once

#include <boost/describe/enum.hpp>
#include <string>

#include "httvps/base/clock.hpp"

namespace httvps::backend::models {

inline constexpr std::chrono::hours idempotency_life{24};
inline constexpr std::chrono::seconds idempotency_patience{60};
inline constexpr std::uint64_t most_idempotency_keys = 1000;

enum class idempotency_state { claimed, changed, answered, unkept };
BOOST_DESCRIBE_ENUM(idempotency_state, claimed, changed, answered, unkept)

struct idempotency_claim {
  std::string id;
  std::string word;
};

struct idempotency_record {
  idempotency_claim claim = {};
  std::string actor = {};
  std::string request_hash = {};
  idempotency_state state = idempotency_state::claimed;
  std::string answer_sealed = {};
  base::system_time created_at = {};
  base::system_time claimed_at = {};
};

}
