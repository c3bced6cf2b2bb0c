#include "epoch_journal.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <utility>

#include "httvps/base/failpoint.hpp"
#include "httvps/gateway/usage/failpoints.hpp"

namespace httvps::gateway {
namespace {

constexpr std::string_view segment_suffix = ".usage";
constexpr std::string_view draft_suffix = ".draft";
constexpr std::size_t boot_digits = 10;
constexpr std::size_t epoch_digits = 16;
constexpr std::size_t number_digits = 8;

std::optional<std::uint64_t> read_number(std::string_view digits) {
  std::uint64_t value = 0;
  const auto* const end = digits.data() + digits.size();
  const auto [stopped, failure] = std::from_chars(digits.data(), end, value);
  return failure == std::errc() && stopped == end ? std::optional(value) : std::nullopt;
}

std::string stem_of(const segment_name& name) {
  return fmt::format("{:0{}}-{}-{:0{}}", name.boot, boot_digits, name.epoch, name.number,
                     number_digits);
}

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}

std::string file_name_of(const segment_name& name) {
  return stem_of(name).append(segment_suffix);
}

std::string lock_name_of(const segment_name& name) {
  return stem_of(name).append(lock_suffix);
}

std::optional<segment_name> parse_file_name(std::string_view text) {
  constexpr auto epoch_at = boot_digits + 1;
  constexpr auto number_at = epoch_at + epoch_digits + 1;
  constexpr auto end = number_at + number_digits;
  if (text.size() < end || text[boot_digits] != '-' || text[number_at - 1] != '-' ||
      (text.substr(end) != segment_suffix && text.substr(end) != lock_suffix)) {
    return std::nullopt;
  }
  const auto boot = read_number(text.substr(0, boot_digits));
  const auto epoch = text.substr(epoch_at, epoch_digits);
  const auto number = read_number(text.substr(number_at, number_digits));
  if (!boot || !number || !is_hex(epoch)) {
    return std::nullopt;
  }
  return segment_name{.boot = *boot, .epoch = std::string(epoch), .number = *number};
}

std::string epoch_journal::path_of(std::uint64_t number) const {
  return folder_ + "/" + file_name_of({.boot = name_.boot, .epoch = name_.epoch, .number = number});
}

std::optional<std::int64_t> epoch_journal::oldest() const noexcept {
  return batches_.empty() ? std::nullopt : std::optional(batches_.begin()->second.sealed_at);
}

base::byte_count epoch_journal::bytes() const noexcept {
  base::byte_count sum = 0;
  for (const auto& [number, facts] : segments_) {
    sum += facts.size;
  }
  return sum;
}

base::result<> epoch_journal::ensure_active() {
  if (active_ && active_->size() >= limits_.segment) {
    HTTVPS_CHECK(sync());
    active_.reset();
  }
  if (active_) {
    return {};
  }
  const auto number = segments_.empty() ? name_.number : segments_.rbegin()->first + 1;
  const auto path = path_of(number);
  HTTVPS_TRY(auto created, segment_file::create(path));
  const segment_opening opening{.epoch = name_.epoch,
                                .last_sequence = last_sequence_ - unsynced_.size(),
                                .acked_through = acked_through_};
  auto opened = created.append(encode_record(opening));
  opened = opened ? sync_folder(folder_) : opened;
  if (!opened) {
    ::unlink(path.c_str());
    return opened;
  }
  segments_[number].size = created.size();
  active_.emplace(std::move(created));
  return {};
}

base::result<epoch_journal::batch_place> epoch_journal::append(const spool_record& record) {
  HTTVPS_CHECK(ensure_active());
  const auto bytes = encode_record(record);
  const batch_place place{
      .segment = segments_.rbegin()->first, .offset = active_->size(), .size = bytes.size()};
  if (const auto written = active_->append(bytes); !written) {
    abandon_active();
    return base::fail(written.error());
  }
  segments_.rbegin()->second.size = active_->size();
  return place;
}

void epoch_journal::abandon_active() {
  if (active_) {
    give_back_unsynced();
    active_->forget_unsynced();
    segments_.rbegin()->second.size = active_->size();
    active_.reset();
  }
}

void epoch_journal::give_back_unsynced() {
  for (auto each = unsynced_.rbegin(); each != unsynced_.rend(); ++each) {
    batches_.erase(each->sequence);
    last_sequence_ = each->sequence - 1;
    open_rows_.merge(each->rows);
  }
  unsynced_.clear();
}

base::result<> epoch_journal::keep(const std::vector<usage_row>& rows) {
  for (auto& portion : portions_of(rows, limits_.batch)) {
    kept_rows kept{std::move(portion)};
    HTTVPS_TRY(const auto place, append(kept));
    open_rows_.merge(kept.rows);
    rows_from_ = rows_from_.value_or(place.segment);
  }
  return {};
}

base::result<> epoch_journal::append_batch(sealed_batch batch) {
  HTTVPS_TRY(auto place, append(batch));
  place.sealed_at = batch.sealed_at;
  note_batch(batch, place);
  unsynced_.push_back(std::move(batch));
  return {};
}

base::result<> epoch_journal::seal(std::int64_t now) {
  static_cast<void>(base::reach_failpoint(usage_failpoint::before_seal));
  while (!open_rows_.empty()) {
    HTTVPS_CHECK(append_batch({.sequence = last_sequence_ + 1,
                               .sealed_at = now,
                               .rows = open_rows_.first(limits_.batch)}));
  }
  HTTVPS_CHECK(sync());
  static_cast<void>(base::reach_failpoint(usage_failpoint::after_seal));
  return {};
}

void epoch_journal::seal_in_memory(const std::vector<usage_row>& rows, std::int64_t now) {
  open_rows_.merge(rows);
  const bool holds_one =
      std::ranges::any_of(batches_, [](const auto& each) { return each.second.held != nullptr; });
  if (holds_one || open_rows_.empty()) {
    return;
  }
  const auto batch = std::make_shared<const sealed_batch>(sealed_batch{
      .sequence = last_sequence_ + 1, .sealed_at = now, .rows = open_rows_.first(limits_.batch)});
  const auto rows_were_from = rows_from_;
  note_batch(*batch, {.sealed_at = now, .held = batch});
  rows_from_ = rows_were_from;
}

void epoch_journal::note_batch(const sealed_batch& batch, batch_place place) {
  if (!place.held) {
    auto& facts = segments_[place.segment];
    facts.highest_batch = std::max(facts.highest_batch, batch.sequence);
  }
  last_sequence_ = std::max(last_sequence_, batch.sequence);
  batches_.insert_or_assign(batch.sequence, std::move(place));
  open_rows_.settle(batch.rows);
  if (open_rows_.empty()) {
    rows_from_.reset();
  }
}

base::result<> epoch_journal::sync() {
  if (!active_) {
    return {};
  }
  if (const auto synced = active_->sync(); !synced) {
    abandon_active();
    return synced;
  }
  unsynced_.clear();
  return {};
}

base::result<sealed_batch> epoch_journal::load(const batch_place& place) const {
  if (place.held) {
    return *place.held;
  }
  base::byte_vector bytes;
  if (active_ && segments_.rbegin()->first == place.segment) {
    HTTVPS_TRY(bytes, active_->read(place.offset, place.size));
  } else {
    HTTVPS_TRY(const auto file, segment_file::open(path_of(place.segment)));
    HTTVPS_TRY(bytes, file.read(place.offset, place.size));
  }
  HTTVPS_TRY(auto record, decode_record(bytes));
  auto* batch = std::get_if<sealed_batch>(&record);
  if (batch == nullptr) {
    return base::fail(usage_errc::spool_record_invalid);
  }
  return std::move(*batch);
}

base::result<std::optional<sealed_batch>> epoch_journal::first() const {
  if (batches_.empty()) {
    return std::optional<sealed_batch>();
  }
  HTTVPS_TRY(auto batch, load(batches_.begin()->second));
  return std::optional(std::move(batch));
}

std::vector<usage_row> epoch_journal::acknowledge(std::uint64_t through) {
  std::vector<usage_row> released;
  const auto end = batches_.upper_bound(through);
  for (auto each = batches_.begin(); each != end; ++each) {
    if (each->second.held) {
      const auto& rows = each->second.held->rows;
      released.insert(released.end(), rows.begin(), rows.end());
    }
  }
  batches_.erase(batches_.begin(), end);
  acked_through_ = std::max(acked_through_, std::min(through, last_sequence_));
  static_cast<void>(append(acknowledgement_mark{acked_through_}));
  if (!released.empty() && open_rows_.empty()) {
    rows_from_.reset();
  }
  trim();
  return released;
}

base::result<> epoch_journal::give_up_first() {
  const auto& [sequence, place] = *batches_.begin();
  HTTVPS_TRY(const auto batch, load(place));
  HTTVPS_CHECK(keep(batch.rows));
  HTTVPS_CHECK(sync());
  acknowledge(sequence);
  return {};
}

void epoch_journal::drop_first() {
  acknowledge(batches_.begin()->first);
}

void epoch_journal::trim() {
  const auto live_from = rows_from_.value_or(segments_.empty() ? 0 : segments_.rbegin()->first);
  std::vector<std::uint64_t> done;
  for (const auto& [number, facts] : segments_) {
    if (number < live_from && facts.highest_batch <= acked_through_) {
      done.push_back(number);
    }
  }
  for (const auto number : done) {
    remove_segment(number);
  }
}

void epoch_journal::remove_segment(std::uint64_t number) {
  static_cast<void>(base::reach_failpoint(usage_failpoint::before_trim));
  std::error_code ignored;
  std::filesystem::remove(path_of(number), ignored);
  segments_.erase(number);
  static_cast<void>(base::reach_failpoint(usage_failpoint::after_trim));
}

void epoch_journal::remove_drafts() {
  const auto prefix = fmt::format("{:0{}}-{}-", name_.boot, boot_digits, name_.epoch);
  std::error_code ignored;
  std::vector<std::filesystem::path> drafts;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, ignored)) {
    const auto text = entry.path().filename().string();
    if (text.starts_with(prefix) && text.ends_with(draft_suffix)) {
      drafts.push_back(entry.path());
    }
  }
  for (const auto& each : drafts) {
    std::filesystem::remove(each, ignored);
  }
}

void epoch_journal::remove_files() {
  active_.reset();
  while (!segments_.empty()) {
    remove_segment(segments_.begin()->first);
  }
}

}
