#include "device_list.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "array_text.hpp"

namespace httvps::backend::storage {
namespace {

std::string array_of_ids(const std::vector<models::device_id>& ids) {
  std::vector<cells> rows;
  rows.reserve(ids.size());
  for (const auto& each : ids) {
    rows.push_back({each.text()});
  }
  return rows.empty() ? "{}" : array_of_column(rows, 0);
}

std::string json_of(const std::vector<models::device_id>& ids) {
  boost::json::array all;
  for (const auto& each : ids) {
    all.emplace_back(each.text());
  }
  return boost::json::serialize(all);
}

}

device_list device_list_for(engine_kind engine, const std::vector<models::device_id>& devices) {
  return engine == engine_kind::postgresql
             ? device_list{.subquery = "SELECT unnest(CAST(:devices AS TEXT[]))",
                           .parameter = array_of_ids(devices)}
             : device_list{.subquery = "SELECT value FROM json_each(:devices)",
                           .parameter = json_of(devices)};
}

}
