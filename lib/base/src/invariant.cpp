#include "httvps/base/invariant.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace httvps::base {
namespace {

std::atomic<std::uint64_t> broken{0};

}

bool report_broken_invariant(std::source_location where) noexcept {
  broken.fetch_add(1, std::memory_order_relaxed);
#ifdef NDEBUG
  static_cast<void>(where);
#else
  std::fprintf(stderr, "broken invariant at %s:%u\n", where.file_name(), where.line());
  std::abort();
#endif
  return false;
}

std::uint64_t broken_invariants() noexcept {
  return broken.load(std::memory_order_relaxed);
}

}
