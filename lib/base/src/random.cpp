#include "httvps/base/random.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace httvps::base {
namespace {

class sodium_random final : public random_source {
 public:
  sodium_random() {
    if (sodium_init() < 0) {
      sodium_misuse();
    }
  }
  void fill(byte_span out) override { randombytes_buf(out.data(), out.size()); }
};

std::uint64_t next_splitmix64(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15U;
  std::uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
  return mixed ^ (mixed >> 31U);
}

}

std::uint64_t random_source::next_u64() {
  byte_array<8> bytes;
  fill(bytes);
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data(), bytes.size());
  return number;
}

std::uint64_t random_source::below(std::uint64_t bound) {
  if (bound <= 1) {
    return 0;
  }
  const std::uint64_t rejected = (0 - bound) % bound;
  std::uint64_t number = next_u64();
  while (number < rejected) {
    number = next_u64();
  }
  return number % bound;
}

random_source& secure_random() noexcept {
  static sodium_random instance;
  return instance;
}

void seeded_random::fill(byte_span out) {
  while (!out.empty()) {
    const std::uint64_t number = next_splitmix64(state_);
    const std::size_t count = std::min(out.size(), sizeof number);
    std::memcpy(out.data(), &number, count);
    out = out.subspan(count);
  }
}

}
