#include "unposted_table.hpp"

#include <fmt/format.h>

#include "batch_name_row.hpp"

namespace httvps::backend::storage {
namespace {

struct unposted_row {
  std::int64_t received_at = 0;
  std::string lines;
};
BOOST_DESCRIBE_STRUCT(unposted_row, (), (received_at, lines))

}

base::result<> unposted_table::insert(const services::accepted_usage& batch) {
  auto parameters = name_cells(batch.name);
  parameters.emplace_back(to_microseconds(batch.received_at));
  parameters.emplace_back(services::encode_lines(batch.lines));
  return database_.execute(
      {.sql = "INSERT INTO usage_unposted (gateway_id, epoch, seq, received_at, lines) "
              "VALUES (:gateway, :epoch, :seq, :received_at, :lines)",
       .parameters = std::move(parameters)});
}

base::result<std::optional<services::accepted_usage>> unposted_table::find(
    const services::batch_name& name) {
  HTTVPS_TRY(const auto row,
             select_row<unposted_row>(
                 database_, {.sql = "SELECT received_at, lines FROM usage_unposted "
                                    "WHERE gateway_id = :gateway AND epoch = :epoch AND seq = :seq",
                             .parameters = name_cells(name)}));
  if (!row) {
    return std::optional<services::accepted_usage>();
  }
  HTTVPS_TRY(auto lines, services::decode_lines(row->lines));
  return std::optional(services::accepted_usage{
      .name = name, .received_at = from_microseconds(row->received_at), .lines = std::move(lines)});
}

base::result<> unposted_table::remove(const services::batch_name& name) {
  return database_.execute({.sql = "DELETE FROM usage_unposted "
                                   "WHERE gateway_id = :gateway AND epoch = :epoch AND seq = :seq",
                            .parameters = name_cells(name)});
}

base::result<std::vector<services::batch_name>> unposted_table::oldest(
    const services::waiting_batches& wanted) {
  return select_names(
      database_,
      {.sql = "SELECT gateway_id, epoch, seq FROM usage_unposted WHERE received_at < :before "
              "ORDER BY received_at, gateway_id, epoch, seq LIMIT :most",
       .parameters = {to_microseconds(wanted.received_before), to_stored(wanted.most)}});
}

std::string and_all_posted(std::uint32_t schema, std::string_view owner) {
  return schema < services::unposted_usage_schema
             ? std::string()
             : fmt::format(
                   " AND NOT EXISTS (SELECT 1 FROM usage_unposted AS unposted "
                   "WHERE unposted.gateway_id = {0}.gateway_id AND unposted.epoch = {0}.epoch)",
                   owner);
}

}
