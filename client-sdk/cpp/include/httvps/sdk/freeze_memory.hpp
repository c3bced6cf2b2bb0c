#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "httvps/base/bytes.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::sdk {

inline constexpr auto budget_lifetime = std::chrono::hours(24);
inline constexpr base::byte_count frozen_bytes_most = 1024 * base::kibibyte;
inline constexpr base::byte_count budget_least = 4 * base::kibibyte;
inline constexpr std::size_t remembered_networks_most = 32;

class freeze_memory {
 public:
  void note_freeze(const std::string& network, base::byte_count received, base::system_time now);
  base::byte_count budget(const std::string& network, base::system_time now) const;
  void forget(const std::string& network) { networks_.erase(network); }
  std::size_t size() const noexcept { return networks_.size(); }

  std::string to_text(base::system_time now) const;
  static freeze_memory from_text(const std::string& text, base::system_time now);

 private:
  struct noted_freeze {
    base::byte_count received = 0;
    base::system_time at{};
  };
  struct known_network {
    std::vector<noted_freeze> freezes;
    base::byte_count budget = 0;
    base::system_time learnt_at{};

    void note(noted_freeze fresh);
  };

  void forget_expired(base::system_time now);
  void make_room();

  std::map<std::string, known_network> networks_;
};

}
