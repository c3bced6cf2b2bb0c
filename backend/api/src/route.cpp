#include "route.hpp"

#include <algorithm>
#include <stdexcept>

#include "httvps/base/encoding.hpp"

namespace httvps::backend::api {
namespace {

constexpr std::string_view id_mark = "{id}";
constexpr std::string_view admin_area = "/api/v1/admin/";
constexpr std::string_view bulk_area = "bulk/";
constexpr std::string_view own_areas[] = {"me", "logout"};
constexpr std::size_t longest_target = 2048;
constexpr std::size_t most_parameters = 16;

std::optional<std::string_view> id_in(std::string_view pattern, std::string_view path) {
  const auto mark = pattern.find(id_mark);
  if (mark == std::string_view::npos) {
    return pattern == path ? std::optional(std::string_view()) : std::nullopt;
  }
  const auto tail = pattern.substr(mark + id_mark.size());
  if (path.size() <= mark + tail.size() || !path.starts_with(pattern.substr(0, mark)) ||
      !path.ends_with(tail)) {
    return std::nullopt;
  }
  const auto id = path.substr(mark, path.size() - mark - tail.size());
  return id.find_first_of("/:") == std::string_view::npos ? std::optional(id) : std::nullopt;
}

problem bad_target() {
  return {400, "bad_target", "The request target is too long or not well formed."};
}

answer<std::pair<std::string, std::string>> split_parameter(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == 0 || equals == std::string_view::npos) {
    return std::unexpected(bad_target());
  }
  auto name = base::percent_decode(text.substr(0, equals));
  auto value = base::percent_decode(text.substr(equals + 1));
  if (!name || !value || !base::is_valid_utf8(*name) || !base::is_valid_utf8(*value)) {
    return std::unexpected(bad_target());
  }
  return std::pair(*std::move(name), *std::move(value));
}

answer<query_values> split_query(std::string_view text) {
  query_values values;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    auto parameter = split_parameter(text.substr(0, end));
    if (!parameter) {
      return std::unexpected(std::move(parameter).error());
    }
    if (values.size() >= most_parameters || !values.insert(*std::move(parameter)).second) {
      return std::unexpected(bad_target());
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return values;
}

bool may_stand_here(const route& one) {
  const bool is_admin_route = one.pattern.starts_with(admin_area);
  const bool asks_for_admin = least_role(one.wanted) || one.wanted == access::login;
  return is_admin_route == asks_for_admin;
}

}

services::change_author author_of(const call& made) {
  return {.id = made.notes.actor,
          .name = made.gateway ? made.gateway->name : made.node->name,
          .address = made.client_address,
          .request_id = made.request.request_id};
}

std::optional<models::admin_role> least_role(access wanted) noexcept {
  switch (wanted) {
    case access::read_only:
      return models::admin_role::read_only;
    case access::support:
      return models::admin_role::support;
    case access::admin:
      return models::admin_role::admin;
    default:
      return std::nullopt;
  }
}

std::string scope_of(const route& one) {
  if (!least_role(one.wanted)) {
    return {};
  }
  auto rest = std::string_view(one.pattern).substr(admin_area.size());
  if (rest.starts_with(bulk_area)) {
    rest.remove_prefix(bulk_area.size());
  }
  const auto resource = rest.substr(0, rest.find_first_of("/:{"));
  if (std::ranges::find(own_areas, resource) != std::end(own_areas)) {
    return {};
  }
  return std::string(resource).append(one.method == "GET" ? ":read" : ":write");
}

void route_table::add(route one) {
  if (!may_stand_here(one)) {
    throw std::logic_error("the route " + one.method + " " + one.pattern +
                           " names no role, or names one outside of the admin area");
  }
  routes_.push_back(std::move(one));
}

route_table::match route_table::find(std::string_view method, std::string_view path) const {
  match best;
  for (const auto& one : routes_) {
    const auto id = id_in(one.pattern, path);
    if (!id) {
      continue;
    }
    if (one.method == method) {
      return {.found = &one, .id = std::string(*id), .allowed = {}};
    }
    best.allowed.append(best.allowed.empty() ? "" : ", ").append(one.method);
    best.allowed.append(one.method == "GET" ? ", HEAD" : "");
  }
  return best;
}

answer<target_parts> split_target(std::string_view target) {
  if (target.size() > longest_target || !target.starts_with('/')) {
    return std::unexpected(bad_target());
  }
  const auto mark = std::min(target.find('?'), target.size());
  const auto rest = target.substr(std::min(mark + 1, target.size()));
  auto query = split_query(rest);
  if (!query) {
    return std::unexpected(std::move(query).error());
  }
  return target_parts{.path = std::string(target.substr(0, mark)), .query = *std::move(query)};
}

}
