#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "httvps/base/bytes.hpp"
#include "httvps/gateway/control/messages.hpp"

namespace httvps::gateway {

struct batch_limits {
  std::size_t rows = 5000;
  base::byte_count bytes = 900 * base::kibibyte;
};

base::byte_count reported_size(const usage_row& row) noexcept;
std::vector<std::vector<usage_row>> portions_of(const std::vector<usage_row>& rows,
                                                const batch_limits& limits);

class row_table {
 public:
  void merge(const std::vector<usage_row>& rows);
  void settle(const std::vector<usage_row>& sealed);
  std::vector<usage_row> first(const batch_limits& limits) const;
  std::vector<usage_row> all() const;
  void clear() noexcept;
  bool empty() const noexcept { return rows_.empty(); }
  std::size_t size() const noexcept { return rows_.size(); }
  base::byte_count bytes() const noexcept { return bytes_; }

 private:
  using key = std::pair<std::uint64_t, std::string>;
  std::map<key, usage_row> rows_;
  base::byte_count bytes_ = 0;
};

}
