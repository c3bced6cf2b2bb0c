#include "httvps/backend/services/audit_chain.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>

#include "httvps/backend/services/errc.hpp"
#include "httvps/base/encoding.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::string_view tip_key = "audit_tip";
constexpr std::size_t hash_digits = 64;

}

std::int64_t audit_microseconds(base::system_time moment) noexcept {
  return std::chrono::duration_cast<std::chrono::microseconds>(moment.time_since_epoch()).count();
}

std::string canonical_audit_text(const models::audit_line& line) {
  const boost::json::array fields{line.seq,        audit_microseconds(line.at),
                                  line.id.text(),  line.actor,
                                  line.actor_name, line.token,
                                  line.address,    line.request_id,
                                  line.action,     line.object,
                                  line.detail,     line.before,
                                  line.after};
  return boost::json::serialize(fields);
}

std::string audit_hash(const models::audit_line& line) {
  const auto text = fmt::format("{}\n{}", line.previous_hash, canonical_audit_text(line));
  base::byte_array<crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(digest.data(), base::as_bytes(text).data(), text.size());
  return base::to_hex(digest);
}

std::string to_text(const audit_tip& tip) {
  return fmt::format("{} {}", tip.seq, tip.hash);
}

std::optional<audit_tip> parse_audit_tip(std::string_view text) {
  audit_tip tip;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, tip.seq);
  if (read.ec != std::errc() || read.ptr == end || *read.ptr != ' ') {
    return std::nullopt;
  }
  tip.hash.assign(read.ptr + 1, end);
  return tip.hash.size() == hash_digits ? std::optional(tip) : std::nullopt;
}

base::result<audit_tip> read_audit_tip(repositories& tables) {
  HTTVPS_TRY(const auto stored, tables.settings.find(tip_key));
  if (!stored) {
    return audit_tip{};
  }
  auto tip = parse_audit_tip(*stored);
  return tip ? base::result<audit_tip>(*std::move(tip)) : base::fail(errc::audit_tip_unreadable);
}

base::result<> append_audit_line(repositories& tables, models::audit_line line) {
  HTTVPS_TRY(const auto tip, read_audit_tip(tables));
  line.seq = tip.seq + 1;
  line.previous_hash = tip.hash;
  line.hash = audit_hash(line);
  const audit_tip next{.seq = line.seq, .hash = line.hash};
  HTTVPS_CHECK(tables.settings.save({.key = std::string(tip_key), .value = to_text(next)}));
  return tables.audit_chain.append(line);
}

bool audit_chain_check::fail(std::int64_t seq, std::string sentence) {
  fault_ = audit_fault{.seq = seq, .sentence = std::move(sentence)};
  return false;
}

bool audit_chain_check::add(const models::audit_line& line) {
  if (lines_ == 0) {
    base_ = {.seq = line.seq - 1, .hash = line.previous_hash};
    last_ = base_;
  }
  if (line.seq != last_.seq + 1) {
    return fail(last_.seq + 1, fmt::format("Line {} is missing.", last_.seq + 1));
  }
  if (line.previous_hash != last_.hash) {
    return fail(line.seq, fmt::format("Line {} does not follow the line before it.", line.seq));
  }
  if (audit_hash(line) != line.hash) {
    return fail(line.seq, fmt::format("Line {} was altered.", line.seq));
  }
  if (line.action == audit_sweep_action && line.actor == audit_system_actor) {
    swept_ = line.detail;
  }
  last_ = {.seq = line.seq, .hash = line.hash};
  ++lines_;
  return true;
}

bool audit_chain_check::begins_well() const {
  return base_.seq == 0 ? base_ == audit_tip{} : swept_ == to_text(base_);
}

std::optional<audit_fault> audit_chain_check::finish(const audit_tip& tip) {
  if (fault_) {
    return fault_;
  }
  if (!begins_well()) {
    fail(base_.seq,
         fmt::format("Line {} and those before it are missing and no sweep took them.", base_.seq));
  } else if (last_ != tip) {
    fail(last_.seq + 1,
         fmt::format("Line {} is missing: the last one is {}.", last_.seq + 1, tip.seq));
  }
  return fault_;
}

}
