#include "httvps/backend/services/usage_pruning.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::chrono::hours every_backend_knows_the_schema{2};

template <typename Step>
base::result<std::uint64_t> repeat_until_little_is_left(store& storage, Step step) {
  std::uint64_t removed = 0;
  for (int i = 0; i < prunings_a_run; ++i) {
    HTTVPS_TRY(const std::uint64_t now, write_to(storage, step));
    removed += now;
    if (now == 0) {
      break;
    }
  }
  return removed;
}

}

void usage_pruning::use(const pruning_terms& terms) {
  const std::lock_guard lock(mutex_);
  terms_ = terms;
}

pruning_terms usage_pruning::terms() const {
  const std::lock_guard lock(mutex_);
  return terms_;
}

base::result<std::uint64_t> usage_pruning::close_finished() const {
  const auto now = tools_.clock.system_now();
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<std::uint64_t> {
    HTTVPS_TRY(const auto finished, tables.epochs.finished({.before = now - terms().sessions,
                                                            .most = epochs_closed_at_once}));
    for (const auto& each : finished) {
      HTTVPS_CHECK(tables.epochs.close(each, now));
    }
    return finished.size();
  });
}

base::result<std::uint64_t> usage_pruning::prune_sessions() const {
  const auto before = tools_.clock.system_now() - every_backend_knows_the_schema;
  return repeat_until_little_is_left(
      tools_.storage, [&](repositories& tables) -> base::result<std::uint64_t> {
        HTTVPS_TRY(const auto closed,
                   tables.epochs.closed_with_sessions({.before = before, .most = 1}));
        return closed.empty() ? base::result<std::uint64_t>(0)
                              : tables.epochs.remove_sessions(closed.front(), rows_pruned_at_once);
      });
}

base::result<std::uint64_t> usage_pruning::prune_ended() const {
  if (tools_.storage.schema_version() < ended_session_schema) {
    return 0U;
  }
  const auto before = tools_.clock.system_now() - terms().sessions;
  return repeat_until_little_is_left(
      tools_.storage, [&](repositories& tables) -> base::result<std::uint64_t> {
        HTTVPS_TRY(const auto open,
                   tables.epochs.with_ended_sessions({.before = before, .most = 1}));
        return open.empty() ? base::result<std::uint64_t>(0)
                            : tables.epochs.remove_ended(
                                  open.front(), {.before = before, .most = rows_pruned_at_once});
      });
}

base::result<std::uint64_t> usage_pruning::prune_quarantine() const {
  const auto before = tools_.clock.system_now() - terms().quarantine;
  return repeat_until_little_is_left(
      tools_.storage, [&](repositories& tables) -> base::result<std::uint64_t> {
        HTTVPS_TRY(const auto closed,
                   tables.epochs.closed_with_quarantine({.before = before, .most = 1}));
        return closed.empty()
                   ? base::result<std::uint64_t>(0)
                   : tables.epochs.remove_quarantine(closed.front(), rows_pruned_at_once);
      });
}

base::result<pruning_report> usage_pruning::run() const {
  if (tools_.storage.schema_version() < epoch_schema) {
    return pruning_report{};
  }
  HTTVPS_TRY(const auto epochs, close_finished());
  HTTVPS_TRY(const auto sessions, prune_sessions());
  HTTVPS_TRY(const auto ended, prune_ended());
  HTTVPS_TRY(const auto quarantined, prune_quarantine());
  return pruning_report{.epochs = epochs, .sessions = sessions + ended, .quarantined = quarantined};
}

}
