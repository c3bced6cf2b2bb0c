#include "httvps/backend/services/audit_service.hpp"

#include <algorithm>

#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::uint32_t lines_a_read = 1000;
constexpr std::uint32_t adopted_at_once = 500;
constexpr std::int64_t swept_at_once = 10000;

base::result<audit_verdict> verify_in(repositories& tables) {
  audit_chain_check check;
  audit_verdict verdict;
  HTTVPS_TRY(verdict.tip, read_audit_tip(tables));
  std::int64_t after = 0;
  bool whole = true;
  while (whole) {
    HTTVPS_TRY(const auto lines,
               tables.audit_chain.following({.after = after, .size = lines_a_read}));
    if (lines.empty()) {
      break;
    }
    whole = std::ranges::all_of(lines, [&](const auto& line) { return check.add(line); });
    after = lines.back().seq;
  }
  verdict.fault = check.finish(verdict.tip);
  verdict.lines = check.lines();
  return verdict;
}

models::audit_line line_of(const models::audit_entry& entry) {
  models::audit_line line{.id = entry.id, .at = entry.at, .actor = entry.actor};
  line.request_id = entry.request_id;
  line.action = entry.action;
  line.object = entry.object;
  line.detail = entry.detail;
  return line;
}

base::result<std::size_t> adopt_some(repositories& tables) {
  HTTVPS_TRY(const auto entries, tables.audit.oldest(adopted_at_once));
  for (const auto& entry : entries) {
    HTTVPS_CHECK(append_audit_line(tables, line_of(entry)));
    HTTVPS_CHECK(tables.audit.remove(entry.id));
  }
  return entries.size();
}

}

base::result<> audit_service::require_schema() const {
  return has_chain() ? base::result<>() : base::fail(errc::schema_too_old);
}

base::result<models::page<models::audit_line>> audit_service::newest(
    const models::audit_filter& filter) const {
  HTTVPS_CHECK(require_schema());
  return read_from(parts_.storage,
                   [&](repositories& tables) { return tables.audit_chain.newest(filter); });
}

base::result<std::vector<models::audit_line>> audit_service::following(
    const models::audit_span& span) const {
  HTTVPS_CHECK(require_schema());
  return read_from(parts_.storage,
                   [&](repositories& tables) { return tables.audit_chain.following(span); });
}

base::result<audit_verdict> audit_service::verify() const {
  HTTVPS_CHECK(require_schema());
  return read_from(parts_.storage, [](repositories& tables) { return verify_in(tables); });
}

base::result<std::uint64_t> audit_service::sweep_in(repositories& tables) const {
  const auto now = parts_.clock.system_now();
  HTTVPS_TRY(const auto tip, read_audit_tip(tables));
  HTTVPS_TRY(const auto kept, tables.audit_chain.first_since(now - models::audit_life));
  HTTVPS_TRY(const auto first, tables.audit_chain.following({.after = 0, .size = 1}));
  const auto end = kept.value_or(tip.seq + 1);
  if (first.empty() || first.front().seq >= end) {
    return 0U;
  }
  const auto through = std::min(end - 1, first.front().seq + swept_at_once - 1);
  HTTVPS_TRY(const auto last, tables.audit_chain.following({.after = through - 1, .size = 1}));
  if (last.empty() || last.front().seq != through) {
    return base::fail(errc::audit_broken);
  }
  models::audit_line line{.id = models::audit_id::make(now, parts_.random), .at = now};
  line.actor = audit_system_actor;
  line.action = audit_sweep_action;
  line.detail = to_text(audit_tip{.seq = through, .hash = last.front().hash});
  HTTVPS_CHECK(append_audit_line(tables, std::move(line)));
  HTTVPS_CHECK(tables.audit_chain.remove_through(through));
  return static_cast<std::uint64_t>(through - first.front().seq + 1);
}

base::result<std::uint64_t> audit_service::sweep() const {
  if (!has_chain()) {
    return 0U;
  }
  return write_to(parts_.storage, [&](repositories& tables) { return sweep_in(tables); });
}

base::result<std::uint64_t> audit_service::adopt() const {
  if (!has_chain()) {
    return 0U;
  }
  std::uint64_t adopted = 0;
  while (true) {
    HTTVPS_TRY(const auto taken, write_to(parts_.storage, adopt_some));
    adopted += taken;
    if (taken < adopted_at_once) {
      return adopted;
    }
  }
}

}
