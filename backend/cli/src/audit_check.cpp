#include "audit_check.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <boost/json/serialize.hpp>

#include "httvps/base/bytes.hpp"
#include "httvps/base/encoding.hpp"

namespace httvps::ctl {
namespace {

constexpr std::size_t hash_digits = 64;
constexpr std::string_view hashed_first[] = {"seq", "at_us"};
constexpr std::string_view hashed_texts[] = {
    "id", "actor", "actor_name", "token", "address", "request_id", "action", "object", "detail"};
constexpr std::string_view hashed_documents[] = {"before", "after"};

std::string stored_text(const json::value* document) {
  return document == nullptr || document->is_null() ? std::string() : json::serialize(*document);
}

std::string canonical_text(const json::value& line) {
  json::array fields;
  for (const auto name : hashed_first) {
    const auto* number = member_of(line, name);
    fields.push_back(number == nullptr ? json::value() : *number);
  }
  for (const auto name : hashed_texts) {
    fields.emplace_back(text_of(line, name));
  }
  for (const auto name : hashed_documents) {
    fields.emplace_back(stored_text(member_of(line, name)));
  }
  return json::serialize(fields);
}

std::string hash_of(const json::value& line) {
  const auto text = fmt::format("{}\n{}", text_of(line, "previous_hash"), canonical_text(line));
  base::byte_array<crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(digest.data(), base::as_bytes(text).data(), text.size());
  return base::to_hex(digest);
}

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
  if (text_of(line, "hash") != hash_of(line)) {
    return failure(fmt::format("The audit log is broken: line {} was altered.", seq));
  }
  last_ = seq;
  hash_ = text_of(line, "hash");
  ++lines_;
  return {};
}

}
