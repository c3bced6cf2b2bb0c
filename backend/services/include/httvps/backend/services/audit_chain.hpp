#pragma once

#include <optional>
#include <string>

#include "httvps/backend/services/store.hpp"

namespace httvps::backend::services {

inline constexpr std::string_view audit_system_actor = "system";
inline constexpr std::string_view audit_sweep_action = "audit.sweep";

struct audit_tip {
  std::int64_t seq = 0;
  std::string hash = std::string(64, '0');

  bool operator==(const audit_tip&) const = default;
};

struct audit_fault {
  std::int64_t seq = 0;
  std::string sentence;
};

std::int64_t audit_microseconds(base::system_time moment) noexcept;
std::string canonical_audit_text(const models::audit_line& line);
std::string audit_hash(const models::audit_line& line);
std::string to_text(const audit_tip& tip);
std::optional<audit_tip> parse_audit_tip(std::string_view text);
base::result<audit_tip> read_audit_tip(repositories& tables);
base::result<> append_audit_line(repositories& tables, models::audit_line line);

class audit_chain_check {
 public:
  bool add(const models::audit_line& line);
  std::optional<audit_fault> finish(const audit_tip& tip);
  std::uint64_t lines() const noexcept { return lines_; }

 private:
  bool fail(std::int64_t seq, std::string sentence);
  bool begins_well() const;

  std::uint64_t lines_ = 0;
  audit_tip base_;
  audit_tip last_;
  std::string swept_;
  std::optional<audit_fault> fault_;
};

}
