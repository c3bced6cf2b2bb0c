#include "httvps/gateway/usage/usage_spool.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <map>
#include <utility>

#include "epoch_journal.hpp"

namespace httvps::gateway {
namespace {

constexpr auto compaction_pause = std::chrono::hours(1);
constexpr mode_t folder_mode = 0700;
constexpr mode_t file_mode = 0600;
constexpr std::int64_t nothing_waits = -1;

struct found_files {
  std::map<std::pair<std::uint64_t, std::string>, std::vector<std::uint64_t>> epochs;
  std::uint64_t highest_boot = 0;
};

found_files look_into(const std::string& folder) {
  found_files found;
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failure)) {
    const auto text = entry.path().filename().string();
    if (text.ends_with(".draft")) {
      std::filesystem::remove(entry.path(), failure);
    }
    if (const auto name = parse_file_name(text)) {
      found.epochs[{name->boot, name->epoch}].push_back(name->number);
      found.highest_boot = std::max(found.highest_boot, name->boot);
    }
  }
  for (auto& [name, numbers] : found.epochs) {
    std::ranges::sort(numbers);
  }
  return found;
}

bool is_damage(const base::error& failure) {
  return failure == usage_errc::spool_record_invalid || failure == usage_errc::spool_record_cut;
}

class folder_lock {
 public:
  folder_lock() = default;
  folder_lock(const folder_lock&) = delete;
  folder_lock& operator=(const folder_lock&) = delete;
  ~folder_lock() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }

  base::result<> take(const std::string& folder) {
    if (::mkdir(folder.c_str(), folder_mode) != 0 && errno != EEXIST) {
      return base::fail(write_failure());
    }
    ::chmod(folder.c_str(), folder_mode);
    descriptor_ = ::open((folder + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, file_mode);
    if (descriptor_ < 0) {
      return base::fail(write_failure());
    }
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      return base::fail(usage_errc::spool_in_use);
    }
    return {};
  }

 private:
  int descriptor_ = -1;
};

}

struct usage_spool::state {
  state(spool_settings settings, spool_parts own) : chosen(std::move(settings)), parts(own) {}

  base::result<> open() {
    HTTVPS_CHECK(lock.take(chosen.folder));
    auto found = look_into(chosen.folder);
    for (const auto& [name, numbers] : found.epochs) {
      replay(name, numbers);
    }
    add_journal({.boot = found.highest_boot + 1, .epoch = chosen.epoch, .number = 1});
    drop_settled();
    note_figures();
    return {};
  }

  epoch_journal& add_journal(segment_name first) {
    const journal_limits limits{.segment = chosen.segment, .batch = {.rows = chosen.batch_rows}};
    journals.push_back(std::make_unique<epoch_journal>(chosen.folder, std::move(first), limits));
    return *journals.back();
  }

  void replay(const std::pair<std::uint64_t, std::string>& name,
              const std::vector<std::uint64_t>& numbers) {
    auto& journal =
        add_journal({.boot = name.first, .epoch = name.second, .number = numbers.front()});
    for (const auto number : numbers) {
      const auto outcome = journal.replay(number);
      parts.meter.records_cut.add(!outcome || outcome->lost > 0 ? 1 : 0);
    }
    count(journal.seal(now()));
  }

  base::result<> count(base::result<> outcome) {
    parts.meter.write_failures.add(outcome ? 0 : 1);
    return outcome;
  }

  void drop_settled() {
    std::erase_if(journals, [this](const auto& each) {
      const bool done = each->is_settled() && each != journals.back();
      if (done) {
        each->remove_files();
      }
      return done;
    });
  }

  epoch_journal& current() { return *journals.back(); }
  std::int64_t now() const { return base::to_unix_seconds(parts.clock.system_now()); }

  base::byte_count size() const {
    base::byte_count sum = 0;
    for (const auto& each : journals) {
      sum += each->bytes();
    }
    return sum;
  }

  std::optional<std::int64_t> oldest() const {
    std::optional<std::int64_t> first;
    for (const auto& each : journals) {
      const auto age = each->oldest();
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
        HTTVPS_CHECK(each->compact());
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
    for (const auto& each : journals) {
      HTTVPS_CHECK(each->seal(now()));
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
  folder_lock lock;
  std::vector<std::unique_ptr<epoch_journal>> journals;
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
  state_->note_figures();
  return outcome;
}

void usage_spool::seal_in_memory(const std::vector<usage_row>& rows) {
  state_->current().seal_in_memory(rows, state_->now());
  state_->note_figures();
}

base::result<std::optional<usage_batch>> usage_spool::next() {
  for (const auto& each : state_->journals) {
    HTTVPS_TRY(auto batch, state_->first_whole(*each));
    if (batch) {
      return std::optional(usage_batch{
          .epoch = each->epoch(), .sequence = batch->sequence, .rows = std::move(batch->rows)});
    }
  }
  return std::optional<usage_batch>();
}

std::vector<usage_row> usage_spool::acknowledge(const std::string& epoch, std::uint64_t through) {
  std::vector<usage_row> released;
  for (const auto& each : state_->journals) {
    if (each->epoch() == epoch) {
      released = each->acknowledge(through);
    }
  }
  state_->drop_settled();
  state_->note_figures();
  return released;
}

base::result<> usage_spool::give_up(const std::string& epoch) {
  base::result<> outcome;
  for (const auto& each : state_->journals) {
    if (each->epoch() == epoch && each->batch_count() > 0) {
      outcome = each->give_up_first();
      outcome = outcome ? each->seal(state_->now()) : outcome;
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
