#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "httvps/base/bytes.hpp"

namespace httvps::gateway {

inline constexpr base::byte_count usage_memory_most = 64 * base::mebibyte;

struct session_usage {
  std::uint64_t session = 0;
  std::string node_id;
  std::string token;
  base::byte_count up = 0;
  base::byte_count down = 0;
};

class usage_ledger {
 public:
  explicit usage_ledger(base::byte_count memory_most = usage_memory_most) noexcept
      : memory_most_(memory_most) {}

  bool is_full() const noexcept { return memory_ >= memory_most_; }
  base::byte_count memory() const noexcept { return memory_; }
  std::size_t size() const noexcept { return rows_.size(); }

  void open(std::uint64_t session, std::string node_id, std::string token);
  void add_up(std::uint64_t session, base::byte_count bytes) noexcept;
  void add_down(std::uint64_t session, base::byte_count bytes) noexcept;
  void close(std::uint64_t session);

  std::vector<session_usage> collect(std::size_t most);
  void acknowledge(const std::vector<session_usage>& reported);

 private:
  struct row {
    session_usage usage;
    base::byte_count acknowledged_up = 0;
    base::byte_count acknowledged_down = 0;
    bool introduced = false;
    bool closed = false;

    bool has_news() const noexcept {
      return usage.up > acknowledged_up || usage.down > acknowledged_down;
    }
  };

  static base::byte_count size_of(const row& each) noexcept;
  void forget_if_settled(std::map<std::uint64_t, row>::iterator place);

  base::byte_count memory_most_;
  base::byte_count memory_ = 0;
  std::uint64_t last_collected_ = 0;
  std::map<std::uint64_t, row> rows_;
};

}
