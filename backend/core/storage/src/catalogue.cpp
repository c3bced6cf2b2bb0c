#include "catalogue.hpp"

#include <algorithm>

#include "httvps/backend/storage/errc.hpp"
#include "migrator.hpp"
#include "row_mapping.hpp"

namespace httvps::backend::storage {
namespace {

struct name_row {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(name_row, (), (name))

struct column_row {
  std::string name;
  std::string type;
  std::int64_t pk = 0;
};
BOOST_DESCRIBE_STRUCT(column_row, (), (name, type, pk))

std::vector<std::size_t> key_of(const std::vector<column_row>& columns) {
  std::vector<std::size_t> key;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].pk > 0) {
      key.push_back(i);
    }
  }
  std::ranges::sort(key, {}, [&](std::size_t at) { return columns[at].pk; });
  return key;
}

base::result<table_shape> read_shape(connection& schema, const std::string& table) {
  HTTVPS_TRY(const auto columns,
             select_rows<column_row>(
                 schema, {.sql = "SELECT name, type, pk FROM pragma_table_info(:name) ORDER BY cid",
                          .parameters = {table}}));
  HTTVPS_TRY(const auto parents,
             select_rows<name_row>(schema, {.sql = "SELECT DISTINCT \"table\" AS name "
                                                   "FROM pragma_foreign_key_list(:name) ORDER BY 1",
                                            .parameters = {table}}));
  table_shape shape{
      .name = table, .columns = {}, .kinds = {}, .key = key_of(columns), .parents = {}};
  for (const auto& column : columns) {
    shape.columns.push_back(column.name);
    shape.kinds.push_back(column.type == "TEXT" ? column_kind::text : column_kind::number);
  }
  for (const auto& parent : parents) {
    shape.parents.push_back(parent.name);
  }
  return shape;
}

bool holds(const std::vector<table_shape>& tables, const std::string& name) {
  return std::ranges::find(tables, name, &table_shape::name) != tables.end();
}

bool is_ready(const table_shape& shape, const std::vector<table_shape>& placed) {
  return std::ranges::all_of(shape.parents, [&](const std::string& parent) {
    return parent == shape.name || holds(placed, parent);
  });
}

base::result<std::vector<table_shape>> parents_first(std::vector<table_shape> waiting) {
  std::vector<table_shape> placed;
  while (!waiting.empty()) {
    const auto next =
        std::ranges::find_if(waiting, [&](const auto& shape) { return is_ready(shape, placed); });
    if (next == waiting.end() || next->key.empty()) {
      return base::fail(errc::copy_impossible);
    }
    placed.push_back(std::move(*next));
    waiting.erase(next);
  }
  return placed;
}

}

base::result<std::vector<table_shape>> read_catalogue(std::span<const migration> applied) {
  HTTVPS_TRY(const auto schema, connection::open({}));
  HTTVPS_CHECK(migrator(*schema, applied).up());
  HTTVPS_TRY(const auto names,
             select_rows<name_row>(
                 *schema, {.sql = "SELECT name FROM sqlite_master WHERE type = 'table' "
                                  "AND name <> 'schema_migrations' AND name NOT LIKE 'sqlite%' "
                                  "ORDER BY name"}));
  std::vector<table_shape> shapes;
  for (const auto& row : names) {
    HTTVPS_TRY(auto shape, read_shape(*schema, row.name));
    shapes.push_back(std::move(shape));
  }
  return parents_first(std::move(shapes));
}

}
