#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "httvps/node/keys/server_metrics.hpp"
#include "httvps/node/keys/wanted_keys.hpp"

namespace httvps::node {

enum class server_life { same, started_again };

class key_counters {
 public:
  explicit key_counters(std::string epoch) : epoch_(std::move(epoch)) {}
  static base::result<key_counters> from_text(std::string_view text);
  std::string to_text() const;

  server_life take(const server_metrics& read, std::string_view process);
  traffic_by_key totals() const;
  key_traffic total() const noexcept;
  void forget_retired(const wanted_keys& wanted);
  const std::string& epoch() const noexcept { return epoch_; }

 private:
  bool is_other_life(const server_metrics& read, std::string_view process) const noexcept;

  std::string epoch_;
  std::string process_;
  traffic_by_key carried_;
  traffic_by_key current_;
};

}
