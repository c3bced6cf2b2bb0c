#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/gateway/usage/spool_record.hpp"
#include "row_table.hpp"
#include "segment_file.hpp"

namespace httvps::gateway {

struct segment_name {
  std::uint64_t boot = 0;
  std::string epoch;
  std::uint64_t number = 0;
};

inline constexpr std::string_view lock_suffix = ".lock";

std::string file_name_of(const segment_name& name);
std::string lock_name_of(const segment_name& name);
std::optional<segment_name> parse_file_name(std::string_view text);

struct journal_limits {
  base::byte_count segment = 4 * base::mebibyte;
  base::byte_count compaction_window = 32 * base::mebibyte;
  batch_limits batch = {};
};

struct replay_outcome {
  std::size_t records = 0;
  base::byte_count lost = 0;
};

class epoch_journal {
 public:
  epoch_journal(std::string folder, segment_name first, journal_limits limits)
      : folder_(std::move(folder)), name_(std::move(first)), limits_(limits) {}

  base::result<replay_outcome> replay(std::uint64_t number);
  base::result<> keep(const std::vector<usage_row>& rows);
  base::result<> seal(std::int64_t now);
  void seal_in_memory(const std::vector<usage_row>& rows, std::int64_t now);
  base::result<> sync();
  base::result<std::optional<sealed_batch>> first() const;
  std::vector<usage_row> acknowledge(std::uint64_t through);
  base::result<> give_up_first();
  void drop_first();
  base::result<> compact();
  void remove_files();
  void remove_drafts();

  const std::string& epoch() const noexcept { return name_.epoch; }
  std::uint64_t boot() const noexcept { return name_.boot; }
  bool is_settled() const noexcept { return open_rows_.empty() && batches_.empty(); }
  std::size_t open_rows() const noexcept { return open_rows_.size(); }
  std::size_t batch_count() const noexcept { return batches_.size(); }
  std::optional<std::int64_t> oldest() const noexcept;
  base::byte_count bytes() const noexcept;

 private:
  struct batch_place {
    std::int64_t sealed_at = 0;
    std::uint64_t segment = 0;
    base::byte_count offset = 0;
    std::size_t size = 0;
    std::shared_ptr<const sealed_batch> held = nullptr;
  };
  struct segment_facts {
    base::byte_count size = 0;
    std::uint64_t highest_batch = 0;
  };
  struct compaction;

  std::string path_of(std::uint64_t number) const;
  base::result<> ensure_active();
  base::result<batch_place> append(const spool_record& record);
  base::result<> append_batch(sealed_batch batch);
  base::result<sealed_batch> load(const batch_place& place) const;
  void apply(spool_record record, const batch_place& place);
  void note_batch(const sealed_batch& batch, batch_place place);
  void give_back_unsynced();
  void abandon_active();
  void trim();
  void remove_segment(std::uint64_t number);
  base::result<> copy_batches(compaction& work) const;
  void adopt(compaction work, std::uint64_t number);

  std::string folder_;
  segment_name name_;
  journal_limits limits_;
  std::optional<segment_file> active_;
  std::map<std::uint64_t, segment_facts> segments_;
  std::map<std::uint64_t, batch_place> batches_;
  std::vector<sealed_batch> unsynced_;
  row_table open_rows_;
  std::optional<std::uint64_t> rows_from_;
  std::uint64_t last_sequence_ = 0;
  std::uint64_t acked_through_ = 0;
};

}
