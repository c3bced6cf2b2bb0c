#include "device_list.hpp"
#include "pool_tables.hpp"

namespace httvps::backend::storage {
namespace {

struct device_region_row {
  std::string device_id;
  std::string region;
};
BOOST_DESCRIBE_STRUCT(device_region_row, (), (device_id, region))

}

base::result<std::vector<services::device_region>> assignment_table::regions_of(
    const std::vector<models::device_id>& devices) {
  const auto wanted = device_list_for(database_.engine(), devices);
  HTTVPS_TRY(const auto rows,
             select_rows<device_region_row>(
                 database_, {.sql = std::string("SELECT a.device_id, g.region FROM assignments a "
                                                "JOIN gateways g ON g.id = a.gateway_id "
                                                "WHERE g.region <> '~' AND a.device_id IN (")
                                        .append(wanted.subquery)
                                        .append(")"),
                             .parameters = {wanted.parameter}}));
  std::vector<services::device_region> found;
  found.reserve(rows.size());
  for (const auto& row : rows) {
    found.push_back({.device = models::device_id::trusted(row.device_id), .region = row.region});
  }
  return found;
}

}
