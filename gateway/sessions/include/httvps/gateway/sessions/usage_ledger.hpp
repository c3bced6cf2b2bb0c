#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "httvps/base/bytes.hpp"
#include "httvps/gateway/control/messages.hpp"

namespace httvps::gateway {

inline constexpr base::byte_count usage_memory_most = 64 * base::mebibyte;

struct usage_meter {
  base::byte_count up = 0;
  base::byte_count down = 0;

  void add_up(base::byte_count bytes) noexcept { up += bytes; }
  void add_down(base::byte_count bytes) noexcept { down += bytes; }
};

class usage_ledger {
 public:
  explicit usage_ledger(base::byte_count memory_most = usage_memory_most) noexcept
      : memory_most_(memory_most) {}

  bool is_full() const noexcept { return memory_ >= memory_most_; }
  base::byte_count memory() const noexcept { return memory_; }
  std::size_t size() const noexcept { return rows_.size(); }

  std::shared_ptr<usage_meter> open(std::uint64_t session, std::string node_id, std::string token);
  void close(std::uint64_t session);

  std::vector<usage_row> collect(std::size_t most);
  void acknowledge(const std::vector<usage_row>& taken);

 private:
  using row_name = std::pair<std::uint64_t, std::string>;

  struct row {
    std::shared_ptr<usage_meter> meter;
    std::string token;
    base::byte_count taken_up = 0;
    base::byte_count taken_down = 0;
    bool introduced = false;
    bool closed = false;
    bool ended = false;

    bool tells_its_end() const noexcept { return closed && introduced && !ended; }
    bool has_news() const noexcept {
      return meter->up > taken_up || meter->down > taken_down || tells_its_end();
    }
  };
  using row_map = std::map<row_name, row>;

  static base::byte_count size_of(const row_name& name, const row& each) noexcept;
  static usage_row snapshot_of(const row_name& name, const row& each);
  row_map::iterator forget_if_settled(row_map::iterator place);

  base::byte_count memory_most_;
  base::byte_count memory_ = 0;
  row_name last_collected_;
  row_map rows_;
};

}
