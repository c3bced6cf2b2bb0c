#include "httvps/backend/schemas/month_documents.hpp"
#include "paging.hpp"
#include "routes.hpp"
#include "typed_route.hpp"

namespace httvps::backend::api {
namespace {

struct usage_month_query {
  static constexpr std::string_view schema_name = "UsageMonthQuery";

  std::optional<models::device_id> device_id;
  std::optional<models::node_id> node_id;
  std::optional<schemas::month_text> first_month;
  std::optional<schemas::month_text> last_month;
  std::optional<page_size> page_size;
  std::optional<schemas::page_token> page_token;
};
BOOST_DESCRIBE_STRUCT(usage_month_query, (),
                      (device_id, node_id, first_month, last_month, page_size, page_token))

services::month_filter filter_of(const usage_month_query& query) {
  services::month_filter filter{.device = query.device_id, .node = query.node_id};
  if (query.first_month) {
    filter.first_month = query.first_month->value;
  }
  if (query.last_month) {
    filter.last_month = query.last_month->value;
  }
  return filter;
}

schemas::usage_month view_of(const models::monthly_share& share) {
  return {.month = share.month,
          .device_id = share.device,
          .node_id = share.node,
          .up = share.counted.up,
          .down = share.counted.down};
}

}

void add_usage_month_routes(route_table& table, const service_set& services) {
  table.add(with_query<usage_month_query, schemas::usage_month_page>(
      {.method = "GET",
       .pattern = "/api/v1/admin/usage/monthly",
       .operation = "listMonthlyUsage",
       .summary = "Traffic of days that are no longer kept, by month, device and node.",
       .wanted = access::read_only},
      [services](call&, const usage_month_query& query) -> answer<schemas::usage_month_page> {
        HTTVPS_TRY(const auto wanted, to_page_request(query.page_size, query.page_token));
        HTTVPS_TRY(const auto found, services.usage.months(filter_of(query), wanted));
        return to_page<schemas::usage_month_page>(found,
                                                  [](const auto& one) { return view_of(one); });
      }));
}

}
