#pragma once

#include <atomic>
#include <cstdint>
#include <semaphore>
#include <string>

#include "httvps/base/error.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::backend::services {

inline constexpr std::size_t password_memory = 64 * base::mebibyte;
inline constexpr std::uint64_t password_passes = 3;
inline constexpr std::ptrdiff_t most_password_lanes = 16;

struct password_cost {
  std::uint64_t passes = password_passes;
  std::size_t memory = password_memory;
  std::ptrdiff_t at_once = 2;
};

class password_hasher {
 public:
  explicit password_hasher(const password_cost& chosen);
  password_hasher(const password_hasher&) = delete;
  password_hasher& operator=(const password_hasher&) = delete;
  ~password_hasher() = default;

  base::result<std::string> hash(const base::secret_bytes& password);
  base::result<bool> verify(const std::string& stored, const base::secret_bytes& password);
  base::result<> verify_nothing(const base::secret_bytes& password);
  std::uint64_t runs() const noexcept { return runs_.load(); }

 private:
  base::result<std::string> hash_now(const base::secret_bytes& password);

  password_cost chosen_;
  std::counting_semaphore<most_password_lanes> lanes_;
  std::atomic<std::uint64_t> runs_ = 0;
  std::string nobody_;
};

}
