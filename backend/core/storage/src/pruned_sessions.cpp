#include <algorithm>
#include <map>
#include <set>

#include "bulk.hpp"
#include "epoch_table.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/base/encoding.hpp"
#include "values.hpp"

namespace httvps::backend::storage {
namespace {

constexpr std::uint64_t numbers_a_block = 4096;
constexpr std::size_t bits_a_byte = 8;

struct block_row {
  std::int64_t block = 0;
  std::string members;
};
BOOST_DESCRIBE_STRUCT(block_row, (), (block, members))

struct ended_row {
  std::int64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(ended_row, (), (number))

class number_block {
 public:
  number_block() : bits_(numbers_a_block / bits_a_byte) {}

  static base::result<number_block> read(std::string_view members) {
    number_block read;
    HTTVPS_TRY(const auto bits, base::from_base64url(members));
    if (bits.size() != read.bits_.size()) {
      return base::fail(services::errc::storage_failed);
    }
    read.bits_ = bits;
    return read;
  }

  void add(std::uint64_t number) { byte_of(number) |= bit_of(number); }
  bool holds(std::uint64_t number) { return (byte_of(number) & bit_of(number)) != 0; }
  std::string text() const { return base::to_base64url(bits_); }

 private:
  std::uint8_t& byte_of(std::uint64_t number) {
    return bits_[number % numbers_a_block / bits_a_byte];
  }
  static std::uint8_t bit_of(std::uint64_t number) noexcept {
    return static_cast<std::uint8_t>(1U << (number % bits_a_byte));
  }

  base::byte_vector bits_;
};

using block_map = std::map<std::uint64_t, number_block>;

base::result<block_map> load_blocks(connection& database, const services::epoch_name& name,
                                    const services::session_numbers& numbers) {
  static const bulk_statement statement(
      {.head = "SELECT p.block, p.members FROM",
       .tail = " JOIN usage_pruned p ON p.block = wanted.column1 "
               "WHERE p.gateway_id = :gateway AND p.epoch = :epoch",
       .array_tail = " usage_pruned p WHERE p.gateway_id = :gateway AND p.epoch = :epoch "
                     "AND p.block = wanted.column1"},
      bulk_use::lookup);
  std::set<std::uint64_t> wanted;
  for (const auto number : numbers) {
    wanted.insert(number / numbers_a_block);
  }
  const services::session_numbers blocks(wanted.begin(), wanted.end());
  const cells following = {name.gateway.text(), name.epoch};
  HTTVPS_TRY(const auto rows,
             select_bulk<block_row>(
                 database, {.statement = statement, .following = following, .numbers = blocks}));
  block_map found;
  for (const auto& row : rows) {
    HTTVPS_TRY(auto block, number_block::read(row.members));
    found.emplace(static_cast<std::uint64_t>(row.block), std::move(block));
  }
  return found;
}

base::result<> note_pruned(connection& database, const services::epoch_name& name,
                           const services::session_numbers& numbers) {
  static const bulk_statement statement(
      {.head = "INSERT INTO usage_pruned (gateway_id, epoch, block, members)",
       .columns = 4,
       .tail = " ON CONFLICT (gateway_id, epoch, block) DO UPDATE SET members = excluded.members"});
  HTTVPS_TRY(auto blocks, load_blocks(database, name, numbers));
  for (const auto number : numbers) {
    blocks[number / numbers_a_block].add(number);
  }
  std::vector<cells> rows;
  rows.reserve(blocks.size());
  for (const auto& [block, members] : blocks) {
    rows.push_back({name.gateway.text(), name.epoch, to_stored(block), members.text()});
  }
  return execute_bulk(database, statement, {.rows = std::move(rows)});
}

}

base::result<std::vector<services::epoch_name>> epoch_table::with_ended_sessions(
    const services::epoch_filter& wanted) {
  return select_epochs(
      {.sql = "SELECT e.gateway_id, e.epoch FROM usage_epochs e WHERE e.closed_at IS NULL "
              "AND EXISTS (SELECT 1 FROM usage_sessions s WHERE s.gateway_id = e.gateway_id "
              "AND s.epoch = e.epoch AND s.ended_at < :before) "
              "AND NOT EXISTS (SELECT 1 FROM usage_batches b WHERE b.gateway_id = e.gateway_id "
              "AND b.epoch = e.epoch AND b.seq > e.acked_through) "
              "ORDER BY e.gateway_id, e.epoch LIMIT :most",
       .parameters = {to_microseconds(wanted.before), to_stored(wanted.most)}});
}

base::result<std::uint64_t> epoch_table::remove_ended(const services::epoch_name& name,
                                                      const services::epoch_filter& wanted) {
  HTTVPS_CHECK(lock(name));
  const auto before = to_microseconds(wanted.before);
  HTTVPS_TRY(const auto rows,
             select_rows<ended_row>(
                 database_, {.sql = "SELECT number FROM usage_sessions WHERE gateway_id = :gateway "
                                    "AND epoch = :epoch AND ended_at < :before "
                                    "ORDER BY number LIMIT :most",
                             .parameters = {name.gateway.text(), name.epoch, before,
                                            to_stored(wanted.most)}}));
  if (rows.empty()) {
    return 0U;
  }
  services::session_numbers numbers;
  for (const auto& row : rows) {
    numbers.push_back(static_cast<std::uint64_t>(row.number));
  }
  HTTVPS_CHECK(note_pruned(database_, name, numbers));
  const auto last = rows.back().number;
  HTTVPS_CHECK(database_.execute(
      {.sql = "DELETE FROM session_traffic WHERE gateway_id = :gateway AND epoch = :epoch "
              "AND number IN (SELECT s.number FROM usage_sessions s "
              "WHERE s.gateway_id = :same_gateway AND s.epoch = :same_epoch "
              "AND s.ended_at < :before AND s.number <= :last)",
       .parameters = {name.gateway.text(), name.epoch, name.gateway.text(), name.epoch, before,
                      last}}));
  HTTVPS_CHECK(database_.execute(
      {.sql = "DELETE FROM usage_sessions WHERE gateway_id = :gateway AND epoch = :epoch "
              "AND ended_at < :before AND number <= :last",
       .parameters = {name.gateway.text(), name.epoch, before, last}}));
  return numbers.size();
}

base::result<services::session_numbers> epoch_table::pruned_among(
    const services::epoch_name& name, const services::session_numbers& numbers) {
  HTTVPS_TRY(auto blocks, load_blocks(database_, name, numbers));
  services::session_numbers pruned;
  for (const auto number : numbers) {
    const auto block = blocks.find(number / numbers_a_block);
    if (block != blocks.end() && block->second.holds(number)) {
      pruned.push_back(number);
    }
  }
  return pruned;
}

}
