#include "httvps/gateway/usage/usage_spool.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <map>
#include <utility>

#include "epoch_journal.hpp"
#include "epoch_lock.hpp"

namespace httvps::gateway {
namespace {

constexpr auto compaction_pause = std::chrono::hours(1);
constexpr mode_t folder_mode = 0700;
constexpr int lock_attempts = 10;
constexpr std::int64_t nothing_waits = -1;

using epoch_name = std::pair<std::uint64_t, std::string>;
using epoch_files = std::map<epoch_name, std::vector<std::uint64_t>>;

epoch_files look_into(const std::string& folder) {
  epoch_files found;
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failure)) {
    const auto text = entry.path().filename().string();
    if (const auto name = parse_file_name(text)) {
      auto& numbers = found[{name->boot, name->epoch}];
      if (!text.ends_with(lock_suffix)) {
        numbers.push_back(name->number);
      }
    }
  }
  for (auto& [name, numbers] : found) {
    std::ranges::sort(numbers);
  }
  return found;
}

base::result<> make_folder(const std::string& folder) {
  if (::mkdir(folder.c_str(), folder_mode) != 0 && errno != EEXIST) {
    return base::fail(write_failure());
  }
  return ::chmod(folder.c_str(), folder_mode) == 0 ? base::result<>() : base::fail(write_failure());
}

bool is_damage(const base::error& failure) {
  return failure == usage_errc::spool_record_invalid || failure == usage_errc::spool_record_cut;
}

}

struct held_epoch {
  epoch_lock lock;
  std::unique_ptr<epoch_journal> journal;
};

struct usage_spool::state {
  state(spool_settings settings, spool_parts own) : chosen(std::move(settings)), parts(own) {}

  ~state() {
    if (!journals.empty() && current().is_settled()) {
      remove(journals.back());
    }
  }

  base::result<> open() {
    HTTVPS_CHECK(make_folder(chosen.folder));
    HTTVPS_CHECK(begin());
    adopt_what_is_left();
    drop_settled();
    note_figures();
    return {};
  }

  base::result<> begin() {
    base::result<> begun = base::fail(usage_errc::spool_in_use);
    for (int attempt = 0; attempt < lock_attempts && !begun; ++attempt) {
      const auto found = look_into(chosen.folder);
      const auto boot = found.empty() ? 1 : found.rbegin()->first.first + 1;
      begun = add_journal({.boot = boot, .epoch = chosen.epoch, .number = 1});
    }
    return begun;
  }

  base::result<> add_journal(segment_name first) {
    auto name = first;
    name.number = 0;
    HTTVPS_TRY(auto lock, epoch_lock::take(chosen.folder + "/" + lock_name_of(name)));
    const journal_limits limits{.segment = chosen.segment, .batch = {.rows = chosen.batch_rows}};
    held_epoch fresh{
        .lock = std::move(lock),
        .journal = std::make_unique<epoch_journal>(chosen.folder, std::move(first), limits)};
    const auto place = std::ranges::find_if(journals, [&fresh](const held_epoch& each) {
      return each.journal->boot() >= fresh.journal->boot();
    });
    journals.insert(place, std::move(fresh));
    return {};
  }

  bool holds(const epoch_name& name) const {
    return std::ranges::any_of(journals, [&name](const held_epoch& each) {
      return each.journal->boot() == name.first && each.journal->epoch() == name.second;
    });
  }

  void adopt_what_is_left() {
    for (const auto& [name, files] : look_into(chosen.folder)) {
      const bool later = name.first > current().boot();
      if (!holds(name) && !later) {
        adopt(name);
      }
    }
  }

  void adopt(const epoch_name& name) {
    if (!add_journal({.boot = name.first, .epoch = name.second, .number = 1})) {
      return;
    }
    const auto numbers = look_into(chosen.folder)[name];
    const auto adopted = std::ranges::find_if(
        journals, [&name](const held_epoch& each) { return each.journal->epoch() == name.second; });
    auto& journal = *adopted->journal;
    journal.remove_drafts();
    for (const auto number : numbers) {
      const auto outcome = journal.replay(number);
      parts.meter.records_cut.add(!outcome || outcome->lost > 0 ? 1 : 0);
    }
    static_cast<void>(count(journal.seal(now())));
  }

  static void remove(held_epoch& held) {
    held.journal->remove_files();
    held.lock.remove();
  }

  base::result<> count(base::result<> outcome) {
    parts.meter.write_failures.add(outcome ? 0 : 1);
    return outcome;
  }

  void drop_settled() {
    auto own = std::move(journals.back());
    journals.pop_back();
    for (auto& each : journals) {
      if (each.journal->is_settled()) {
        remove(each);
      }
    }
    std::erase_if(journals, [](const held_epoch& each) { return each.journal->is_settled(); });
    journals.push_back(std::move(own));
  }

  epoch_journal& current() { return *journals.back().journal; }
  std::int64_t now() const { return base::to_unix_seconds(parts.clock.system_now()); }

  base::byte_count size() const {
    base::byte_count sum = 0;
    for (const auto& each : journals) {
      sum += each.journal->bytes();
    }
    return sum;
  }

  std::optional<std::int64_t> oldest() const {
    std::optional<std::int64_t> first;
    for (const auto& each : journals) {
      const auto age = each.journal->oldest();
      first = age && (!first || *age < *first) ? age : first;
    }
    return first;
  }

  bool is_over_cap() const {
    const auto since = oldest();
    return size() > chosen.most || (since && now() - *since > chosen.keep_for.count());
  }

  base::result<> make_room() {
    const auto moment = parts.clock.steady_now();
    const bool due = !compacted_at || moment - *compacted_at >= compaction_pause ||
                     size() > chosen.most + chosen.segment;
    if (is_over_cap() && due) {
      compacted_at = moment;
      for (const auto& each : journals) {
        HTTVPS_CHECK(each.journal->compact());
      }
      parts.meter.compactions.add();
    }
    return size() > chosen.most ? base::fail(usage_errc::spool_cap_reached) : base::result<>();
  }

  base::result<> keep(const std::vector<usage_row>& rows) {
    HTTVPS_CHECK(make_room());
    HTTVPS_CHECK(current().keep(rows));
    return current().sync();
  }

  base::result<> seal(const std::vector<usage_row>& rows) {
    HTTVPS_CHECK(make_room());
    HTTVPS_CHECK(current().keep(rows));
    adopt_what_is_left();
    for (const auto& each : journals) {
      HTTVPS_CHECK(each.journal->seal(now()));
    }
    return {};
  }

  base::result<std::optional<sealed_batch>> first_whole(epoch_journal& journal) {
    auto batch = journal.first();
    while (!batch && is_damage(batch.error())) {
      parts.meter.records_cut.add();
      journal.drop_first();
      batch = journal.first();
    }
    return batch;
  }

  void note_figures() {
    bytes.store(size(), std::memory_order_relaxed);
    waiting_since.store(oldest().value_or(nothing_waits), std::memory_order_relaxed);
    rows_open.store(current().open_rows(), std::memory_order_relaxed);
  }

  spool_settings chosen;
  spool_parts parts;
  std::vector<held_epoch> journals;
  std::optional<base::steady_time> compacted_at;
  std::atomic<base::byte_count> bytes{0};
  std::atomic<std::int64_t> waiting_since{nothing_waits};
  std::atomic<std::size_t> rows_open{0};
};

usage_spool::usage_spool(std::unique_ptr<state> inner) : state_(std::move(inner)) {}
usage_spool::~usage_spool() = default;

base::result<std::unique_ptr<usage_spool>> usage_spool::open(spool_settings chosen,
                                                             spool_parts parts) {
  auto inner = std::make_unique<state>(std::move(chosen), parts);
  HTTVPS_CHECK(inner->open());
  return std::unique_ptr<usage_spool>(new usage_spool(std::move(inner)));
}

base::result<> usage_spool::keep(const std::vector<usage_row>& rows) {
  auto outcome = rows.empty() ? base::result<>() : state_->count(state_->keep(rows));
  state_->note_figures();
  return outcome;
}

base::result<> usage_spool::seal(const std::vector<usage_row>& rows) {
  auto outcome = state_->count(state_->seal(rows));
  state_->drop_settled();
  state_->note_figures();
  return outcome;
}

void usage_spool::seal_in_memory(const std::vector<usage_row>& rows) {
  state_->current().seal_in_memory(rows, state_->now());
  state_->note_figures();
}

base::result<std::optional<usage_batch>> usage_spool::next() {
  for (const auto& each : state_->journals) {
    HTTVPS_TRY(auto batch, state_->first_whole(*each.journal));
    if (batch) {
      return std::optional(usage_batch{.epoch = each.journal->epoch(),
                                       .sequence = batch->sequence,
                                       .rows = std::move(batch->rows)});
    }
  }
  return std::optional<usage_batch>();
}

std::vector<usage_row> usage_spool::acknowledge(const std::string& epoch, std::uint64_t through) {
  std::vector<usage_row> released;
  for (const auto& each : state_->journals) {
    if (each.journal->epoch() == epoch) {
      released = each.journal->acknowledge(through);
    }
  }
  state_->drop_settled();
  state_->note_figures();
  return released;
}

base::result<> usage_spool::give_up(const std::string& epoch) {
  base::result<> outcome;
  for (const auto& each : state_->journals) {
    if (each.journal->epoch() == epoch && each.journal->batch_count() > 0) {
      outcome = each.journal->give_up_first();
      outcome = outcome ? each.journal->seal(state_->now()) : outcome;
    }
  }
  state_->note_figures();
  return state_->count(outcome);
}

std::size_t usage_spool::open_rows() const noexcept {
  return state_->rows_open.load(std::memory_order_relaxed);
}

base::byte_count usage_spool::bytes() const noexcept {
  return state_->bytes.load(std::memory_order_relaxed);
}

std::chrono::seconds usage_spool::oldest_age() const noexcept {
  const auto since = state_->waiting_since.load(std::memory_order_relaxed);
  return std::chrono::seconds(
      since == nothing_waits ? 0 : std::max<std::int64_t>(0, state_->now() - since));
}

}
