#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "epoch_journal.hpp"

namespace httvps::gateway {
namespace {

struct read_record {
  spool_record record;
  std::size_t size = 0;
};

base::result<read_record> read_next(const segment_file& file, base::byte_count offset) {
  HTTVPS_TRY(const auto head, file.read(offset, spool_head_size));
  HTTVPS_TRY(const auto size, record_size(head));
  HTTVPS_TRY(const auto bytes, file.read(offset, size));
  HTTVPS_TRY(auto record, decode_record(bytes));
  return read_record{.record = std::move(record), .size = size};
}

}

base::result<replay_outcome> epoch_journal::replay(std::uint64_t number) {
  HTTVPS_TRY(const auto file, segment_file::open(path_of(number)));
  segments_[number].size = file.size();
  replay_outcome outcome;
  base::byte_count offset = 0;
  while (offset < file.size()) {
    auto next = read_next(file, offset);
    if (!next) {
      outcome.lost = file.size() - offset;
      break;
    }
    apply(std::move(next->record), {.segment = number, .offset = offset, .size = next->size});
    offset += next->size;
    ++outcome.records;
  }
  return outcome;
}

void epoch_journal::apply(spool_record record, const batch_place& place) {
  if (const auto* opening = std::get_if<segment_opening>(&record)) {
    if (opening->kind == segment_kind::compacted) {
      batches_.clear();
      open_rows_.clear();
      rows_from_.reset();
      last_sequence_ = 0;
    }
    last_sequence_ = std::max(last_sequence_, opening->last_sequence);
    acked_through_ = std::max(acked_through_, opening->acked_through);
  } else if (const auto* kept = std::get_if<kept_rows>(&record)) {
    open_rows_.merge(kept->rows);
    rows_from_ = rows_from_.value_or(place.segment);
  } else if (const auto* batch = std::get_if<sealed_batch>(&record)) {
    auto where = place;
    where.sealed_at = batch->sealed_at;
    note_batch(*batch, where);
  } else if (const auto* mark = std::get_if<acknowledgement_mark>(&record)) {
    acked_through_ = std::max(acked_through_, mark->through);
    last_sequence_ = std::max(last_sequence_, mark->through);
  }
  batches_.erase(batches_.begin(), batches_.upper_bound(acked_through_));
}

struct epoch_journal::compaction {
  segment_file file;
  std::map<std::uint64_t, batch_place> places;
  std::uint64_t next = 0;
  std::uint64_t number = 0;

  base::result<> append(const sealed_batch& batch) {
    const auto bytes = encode_record(batch);
    const batch_place place{.sealed_at = batch.sealed_at,
                            .segment = number,
                            .offset = file.size(),
                            .size = bytes.size()};
    HTTVPS_CHECK(file.append(bytes));
    places.emplace(batch.sequence, place);
    next = batch.sequence + 1;
    return {};
  }

  base::result<> append_merged(row_table& merged, std::int64_t sealed_at,
                               const batch_limits& limits) {
    while (!merged.empty()) {
      const sealed_batch batch{
          .sequence = next, .sealed_at = sealed_at, .rows = merged.first(limits)};
      HTTVPS_CHECK(append(batch));
      merged.settle(batch.rows);
    }
    return {};
  }
};

base::result<> epoch_journal::copy_batches(compaction& work) const {
  HTTVPS_TRY(const auto head, load(batches_.begin()->second));
  HTTVPS_CHECK(work.append(head));
  row_table merged;
  std::int64_t sealed_at = head.sealed_at;
  for (auto each = std::next(batches_.begin()); each != batches_.end(); ++each) {
    if (const auto batch = load(each->second)) {
      merged.merge(batch->rows);
      sealed_at = batch->sealed_at;
    }
    if (merged.bytes() >= limits_.compaction_window) {
      HTTVPS_CHECK(work.append_merged(merged, sealed_at, limits_.batch));
    }
  }
  HTTVPS_CHECK(work.append_merged(merged, sealed_at, limits_.batch));
  for (auto& portion : portions_of(open_rows_.all(), limits_.batch)) {
    HTTVPS_CHECK(work.file.append(encode_record(kept_rows{std::move(portion)})));
  }
  return work.file.sync();
}

base::result<> epoch_journal::compact() {
  const bool holds_one =
      std::ranges::any_of(batches_, [](const auto& each) { return each.second.held != nullptr; });
  if (holds_one || batches_.size() < 3) {
    return {};
  }
  HTTVPS_CHECK(sync());
  const auto number = segments_.rbegin()->first + 1;
  const auto draft = path_of(number) + ".draft";
  ::unlink(draft.c_str());
  HTTVPS_TRY(auto file, segment_file::create(draft));
  compaction work{.file = std::move(file), .places = {}, .number = number};
  const segment_opening opening{.epoch = name_.epoch,
                                .last_sequence = batches_.begin()->first,
                                .acked_through = acked_through_,
                                .kind = segment_kind::compacted};
  auto copied = work.file.append(encode_record(opening));
  copied = copied ? copy_batches(work) : copied;
  if (copied && ::rename(draft.c_str(), path_of(number).c_str()) != 0) {
    copied = base::fail(write_failure());
  }
  if (!copied) {
    ::unlink(draft.c_str());
    return copied;
  }
  static_cast<void>(sync_folder(folder_));
  adopt(std::move(work), number);
  return {};
}

void epoch_journal::adopt(compaction work, std::uint64_t number) {
  active_.reset();
  batches_ = std::move(work.places);
  last_sequence_ = work.next - 1;
  rows_from_ = open_rows_.empty() ? std::nullopt : std::optional(number);
  while (segments_.begin() != segments_.end() && segments_.begin()->first < number) {
    remove_segment(segments_.begin()->first);
  }
  segments_[number] = {.size = work.file.size(), .highest_batch = last_sequence_};
}

}
