#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "httvps/base/clock.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::backend::services {

inline constexpr std::size_t totp_secret_size = 20;
inline constexpr std::size_t totp_digits = 6;
inline constexpr std::chrono::seconds totp_period{30};

struct totp_guess {
  std::string_view code;
  base::system_time now;
  std::int64_t last_step = 0;
};

std::string to_base32(base::byte_view bytes);
std::int64_t totp_step_at(base::system_time now) noexcept;
std::string totp_code(const base::secret_bytes& secret, std::int64_t step,
                      std::size_t digits = totp_digits);
std::optional<std::int64_t> matching_totp_step(const base::secret_bytes& secret,
                                               const totp_guess& guess);

}
