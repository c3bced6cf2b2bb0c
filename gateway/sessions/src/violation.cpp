#include "violation.hpp"

#include <algorithm>

#include "httvps/net/error.hpp"

namespace httvps::gateway {

bool is_violation(const base::error& failure) noexcept {
  constexpr net::errc plain_endings[] = {net::errc::connection_closed, net::errc::connection_reset,
                                         net::errc::tls_truncated,     net::errc::timed_out,
                                         net::errc::cancelled,         net::errc::socket_failure};
  return failure && std::ranges::find(plain_endings, failure) == std::end(plain_endings);
}

}
