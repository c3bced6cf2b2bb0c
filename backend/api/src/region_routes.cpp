#include <algorithm>

#include "amendments.hpp"
#include "entity_tags.hpp"
#include "httvps/backend/schemas/life_cycle_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "paging.hpp"
#include "routes.hpp"
#include "tagged_views.hpp"

namespace httvps::backend::api {
namespace {

using schemas::region_change_request;
using schemas::region_request;
using schemas::region_view;
using services::errc;
using tagged_region = tagged<region_view>;

route region_route(std::string method, std::string_view tail, std::string operation,
                   std::string summary) {
  return {.method = std::move(method),
          .pattern = "/api/v1/admin/regions" + std::string(tail),
          .operation = std::move(operation),
          .summary = std::move(summary),
          .wanted = access::admin};
}

route reading(route one) {
  one.wanted = access::read_only;
  return one;
}

models::region region_of(const region_request& wanted) {
  models::region made{
      .code = wanted.code.value, .latitude_millionths = {}, .longitude_millionths = {}};
  if (wanted.latitude_millionths) {
    made.latitude_millionths = wanted.latitude_millionths->value;
  }
  if (wanted.longitude_millionths) {
    made.longitude_millionths = wanted.longitude_millionths->value;
  }
  if (wanted.name) {
    made.name = wanted.name->value;
  }
  if (wanted.country) {
    made.country = wanted.country->value;
  }
  return made;
}

services::region_amendment amendment_of(const region_change_request& wanted) {
  return {
      .latitude_millionths = changed_optional_number<std::int64_t>(wanted.latitude_millionths),
      .longitude_millionths = changed_optional_number<std::int64_t>(wanted.longitude_millionths),
      .name = changed_optional_text(wanted.name),
      .country = changed_optional_text(wanted.country)};
}

schemas::region_list_answer page_of(std::vector<models::region> known,
                                    const models::page_request& wanted) {
  std::ranges::sort(known, {}, &models::region::code);
  schemas::region_list_answer page;
  for (auto at = std::ranges::upper_bound(known, wanted.after, {}, &models::region::code);
       at != known.end(); ++at) {
    if (page.items.items.size() == wanted.size) {
      page.next_page_token = to_page_token(page.items.items.back().code.value);
      break;
    }
    page.items.items.push_back(view_of(*at));
  }
  return page;
}

route place_route(const service_set& services) {
  using schemas::region_place_request;
  return with_body<region_place_request, tagged_region>(
      {.method = "POST",
       .pattern = "/api/v1/admin/regions/{id}:place",
       .operation = "placeRegion",
       .summary = "Says where a region is, so that devices spill to the nearest one.",
       .wanted = access::admin},
      [services](call& made, const region_place_request& wanted) -> answer<tagged_region> {
        HTTVPS_TRY(const auto placed,
                   services.nodes.place_region(
                       *made.admin, {.code = made.id,
                                     .latitude_millionths = wanted.latitude_millionths.value,
                                     .longitude_millionths = wanted.longitude_millionths.value}));
        return tagged_view_of(placed);
      });
}

void add_reading_routes(route_table& table, const service_set& services) {
  table.add(with_query<page_query, schemas::region_list_answer>(
      reading(region_route("GET", "", "listRegions", "Regions with their places and names.")),
      [services](call&, const page_query& query) -> answer<schemas::region_list_answer> {
        HTTVPS_TRY(const auto wanted, to_page_request(query.page_size, query.page_token));
        HTTVPS_TRY(auto known, services.nodes.regions());
        return page_of(std::move(known), wanted);
      }));
  table.add(
      without_body<tagged_region>(reading(region_route("GET", "/{id}", "getRegion", "One region.")),
                                  [services](call& made) -> answer<tagged_region> {
                                    HTTVPS_TRY(const auto found, services.nodes.region(made.id));
                                    return tagged_view_of(found);
                                  }));
}

}

void add_region_routes(route_table& table, const service_set& services) {
  auto create = region_route("POST", "", "createRegion",
                             "Adds a region, with its place, name and country or without.");
  create.success = 201;
  create.tags = tag_rule::accepted;
  table.add(with_body<region_request, tagged_region>(
      std::move(create),
      [services](call& made, const region_request& wanted) -> answer<tagged_region> {
        HTTVPS_TRY(const auto unwanted, read_tags(made.request, "If-None-Match"));
        const auto added = services.nodes.add_region(*made.admin, region_of(wanted));
        if (!added) {
          const bool is_there = added.error() == errc::already_exists && unwanted && unwanted->any;
          return std::unexpected(problem(is_there ? errc::precondition_failed : added.error()));
        }
        return tagged_view_of(*added);
      }));
  add_reading_routes(table, services);
  table.add(with_patch<region_change_request, tagged_region>(
      region_route("PATCH", "/{id}", "changeRegion",
                   "Changes or removes the place, name or country of a region."),
      [services](call& made, const region_change_request& wanted) -> answer<tagged_region> {
        HTTVPS_TRY(const auto changed,
                   services.nodes.change_region(*made.admin, made.id, amendment_of(wanted)));
        return tagged_view_of(changed);
      }));
  table.add(removal(
      region_route("DELETE", "/{id}", "deleteRegion", "Removes a region that nothing is in."),
      [services](call& made) {
        return answer<void>(services.nodes.remove_region(*made.admin, made.id));
      }));
  table.add(place_route(services));
}

}
