#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "httvps/backend/core/key_files.hpp"
#include "httvps/base/log.hpp"

namespace httvps::backend::core {

inline constexpr std::chrono::milliseconds ring_round{2000};

class ring_watch {
 public:
  ring_watch(const backend_settings& chosen, services::field_cipher cipher, base::logger log);

  base::result<> look();

 private:
  using traits = std::array<std::int64_t, 4>;
  std::optional<traits> traits_of_file() const;
  void tell_refusal(const base::error& failure, const std::optional<traits>& file);

  const backend_settings& chosen_;
  services::field_cipher cipher_;
  base::logger log_;
  std::optional<traits> seen_;
  std::optional<traits> refused_;
  base::error refusal_;
};

}
