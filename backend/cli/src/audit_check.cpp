#include "audit_check.hpp"

#include <fmt/format.h>

namespace httvps::ctl {
namespace {

constexpr std::size_t hash_digits = 64;

}

outcome<> audit_check::begin(const json::value& line, std::int64_t seq) {
  last_ = seq - 1;
  hash_ = text_of(line, "previous_hash");
  const bool is_first = seq == 1 && hash_ == std::string(hash_digits, '0');
  return seq > 1 || is_first ? outcome<>() : failure("Line 1 does not begin the chain.");
}

outcome<> audit_check::add(const json::value& line) {
  const auto* number = member_of(line, "seq");
  if (number == nullptr || !number->is_int64()) {
    return failure("The audit log is not readable.");
  }
  const auto seq = number->get_int64();
  if (lines_ == 0) {
    HTTVPS_CHECK(begin(line, seq));
  }
  if (seq != last_ + 1) {
    return failure(fmt::format("The audit log is broken: line {} is missing.", last_ + 1));
  }
  if (text_of(line, "previous_hash") != hash_) {
    return failure(
        fmt::format("The audit log is broken: line {} does not follow the line before it.", seq));
  }
  last_ = seq;
  hash_ = text_of(line, "hash");
  ++lines_;
  return {};
}

}
