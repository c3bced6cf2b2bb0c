#include "node_reports.hpp"

#include "httvps/backend/services/errc.hpp"
#include "key_issue.hpp"

namespace httvps::backend::services {
namespace {

base::result<> describe_keys(repositories& tables, const service_tools& tools,
                             node_report& report) {
  HTTVPS_TRY(report.keyring, find_keyring(tables, tools, report.node.id));
  if (report.keyring) {
    report.method = report.keyring->method;
    HTTVPS_TRY(report.key_generation, tables.gateway_keys.newest_listed(report.node.id));
    HTTVPS_TRY(report.transferred, tables.key_counters.transferred(report.node.id));
    return {};
  }
  HTTVPS_TRY(const auto key,
             required(tables.access_keys.find_current(report.node.id), errc::storage_failed));
  report.method = key.method;
  report.key_generation = key.generation;
  return {};
}

}

base::result<> check_terms(const service_tools& tools, const models::node& node) {
  const bool has_terms = node.capacity_bps || node.max_sessions || !node.labels.empty();
  const auto schema = tools.storage.schema_version();
  const bool is_too_old = (has_terms && schema < node_terms_schema) ||
                          (node.key_limit_bytes && schema < fleet_terms_schema);
  return is_too_old ? base::fail(errc::schema_too_old) : base::result<>();
}

base::result<models::node> require_node(repositories& tables, const models::node_id& id) {
  HTTVPS_TRY(auto node, required(tables.nodes.find(id), errc::node_not_found));
  if (models::is_removed(node)) {
    return base::fail(errc::node_not_found);
  }
  return node;
}

base::result<node_report> report_on_node(repositories& tables, const service_tools& tools,
                                         models::node node) {
  const auto standing = tools.fleet.find(node.id.text());
  node_report report{.node = std::move(node),
                     .method = {},
                     .key_generation = 0,
                     .keyring = {},
                     .transferred = 0,
                     .heartbeat = {},
                     .healthy = !standing || standing->stage == selection::health::healthy};
  report.heartbeat = tools.fleet.heartbeat_of(report.node.id.text());
  HTTVPS_CHECK(describe_keys(tables, tools, report));
  return report;
}

}
