#include "httvps/backend/schemas/infrastructure_documents.hpp"
#include "paging.hpp"
#include "routes.hpp"
#include "typed_route.hpp"

namespace httvps::backend::api {
namespace {

struct usage_hour_query {
  static constexpr std::string_view schema_name = "UsageHourQuery";

  schemas::day_text day;
  std::optional<models::node_id> node_id;
  std::optional<models::gateway_id> gateway_id;
  std::optional<page_size> page_size;
  std::optional<schemas::page_token> page_token;
};
BOOST_DESCRIBE_STRUCT(usage_hour_query, (), (day, node_id, gateway_id, page_size, page_token))

schemas::usage_hour view_of(const models::hourly_share& share) {
  return {.hour = share.hour,
          .node_id = share.node,
          .gateway_id = share.gateway,
          .up = share.added.up,
          .down = share.added.down};
}

}

void add_usage_hour_routes(route_table& table, const service_set& services) {
  add_usage_month_routes(table, services);
  add_grant_routes(table, services);
  table.add(with_query<usage_hour_query, schemas::usage_hour_page>(
      {.method = "GET",
       .pattern = "/api/v1/admin/usage/hourly",
       .operation = "listHourlyUsage",
       .summary = "Traffic of one day by hour, node and gateway.",
       .wanted = access::read_only},
      [services](call&, const usage_hour_query& query) -> answer<schemas::usage_hour_page> {
        HTTVPS_TRY(const auto wanted, to_page_request(query.page_size, query.page_token));
        HTTVPS_TRY(const auto found,
                   services.usage.hours(
                       {.day = query.day.value, .node = query.node_id, .gateway = query.gateway_id},
                       wanted));
        schemas::usage_hour_page page;
        for (const auto& each : found.items) {
          page.items.items.push_back(view_of(each));
        }
        if (found.more) {
          page.next_page_token = to_page_token(services::key_of(found.items.back()));
        }
        return page;
      }));
}

}
