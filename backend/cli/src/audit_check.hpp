#pragma once

#include "operation.hpp"

namespace httvps::ctl {

class audit_check {
 public:
  outcome<> add(const json::value& line);

  std::uint64_t lines() const noexcept { return lines_; }
  std::int64_t last() const noexcept { return last_; }
  const std::string& hash() const noexcept { return hash_; }

 private:
  outcome<> begin(const json::value& line, std::int64_t seq);

  std::uint64_t lines_ = 0;
  std::int64_t last_ = 0;
  std::string hash_;
};

}
