#include "operation_terms.hpp"

#include <algorithm>

namespace httvps::backend::api {
namespace {

struct status_sentence {
  int status;
  std::string_view sentence;
};

constexpr status_sentence sentences[] = {
    {400, "The target or the body is not well formed, or a parameter is not known here."},
    {401, "The credential is missing, not valid or over."},
    {403, "The credential may not do this."},
    {404, "There is nothing with this id."},
    {409, "The state of what is there does not allow this."},
    {410, "It was there and is over."},
    {413, "The body is larger than 1 MiB."},
    {415, "The body has a type that this call does not take."},
    {422, "Fields of the body or the query are not valid; errors names each."},
    {429, "Too many calls; Retry-After says when to come again."},
    {500, "The server failed; its log has the request id."},
    {503, "The server or its database is busy; Retry-After says when to come again."},
    {507, "The disk is full; nothing was written."},
};

struct area {
  std::string_view prefix;
  std::string_view tag;
  std::string_view id_prefix;
};

constexpr area areas[] = {
    {"/api/v1/admin/users", "Users", "usr_"},
    {"/api/v1/admin/bulk/users", "Users", ""},
    {"/api/v1/admin/plans", "Plans", "plan_"},
    {"/api/v1/admin/subscriptions", "Subscriptions", "sub_"},
    {"/api/v1/admin/devices", "Devices", "dev_"},
    {"/api/v1/admin/enrolment-tickets", "Enrolment tickets", "tkt_"},
    {"/api/v1/admin/regions", "Regions", ""},
    {"/api/v1/admin/nodes", "Nodes", "node_"},
    {"/api/v1/admin/gateways", "Gateways", "gw_"},
    {"/api/v1/admin/access-keys", "Access keys", "key_"},
    {"/api/v1/admin/join-tokens", "Gateways", "jtk_"},
    {"/api/v1/admin/credentials", "Gateways", ""},
    {"/api/v1/admin/usage", "Usage", ""},
    {"/api/v1/admin/stats", "Usage", ""},
    {"/api/v1/admin/audit", "Audit log", "aud_"},
    {"/api/v1/admin/tokens", "API tokens", "tok_"},
    {"/api/v1/admin/admins", "Administrators", "adm_"},
    {"/api/v1/admin/log", "Own account", ""},
    {"/api/v1/admin/me", "Own account", ""},
    {"/api/v1/admin/", "Administration", ""},
    {"/api/v1/outline/", "Calls of node agents", ""},
    {"/api/v1/me/devices", "Calls of devices", "dev_"},
    {"/api/v1/me", "Calls of devices", ""},
    {"/api/v1/devices/", "Calls of devices", ""},
    {"/api/v1/regions", "Calls of devices", ""},
    {"/api/v1/enrolment-codes", "Calls of devices", ""},
    {"/api/v1/", "Calls of gateways", ""},
    {"/", "Public", ""},
};

constexpr std::string_view region_pattern = "^[a-z0-9][a-z0-9-]{0,31}$";
constexpr std::string_view id_digits = "[0-7][0-9a-hjkmnp-tv-z]{25}$";

const area& area_of(const route& one) noexcept {
  return *std::ranges::find_if(
      areas, [&](const area& each) { return one.pattern.starts_with(each.prefix); });
}

bool is_limited(access wanted) noexcept {
  return wanted != access::open && wanted != access::gateway && wanted != access::waiting_gateway &&
         wanted != access::node;
}

bool needs_credential(access wanted) noexcept {
  return wanted != access::open;
}

bool may_change(const route& one) noexcept {
  return one.method != "GET";
}

bool reads_fields(const route& one) {
  return one.request_schema || one.query_schema;
}

}

bool takes_idempotency_key(const route& one) noexcept {
  return one.method == "POST" && least_role(one.wanted).has_value();
}

std::set<int> failure_statuses(const route& one) {
  std::set<int> all = {400, 500};
  const auto add_if = [&](bool applies, std::initializer_list<int> more) {
    if (applies) {
      all.insert(more);
    }
  };
  add_if(one.runs_at != work_place::io_thread, {503});
  add_if(needs_credential(one.wanted), {401, 403});
  add_if(is_limited(one.wanted), {429});
  add_if(one.pattern.find("{id}") != std::string::npos, {404});
  add_if(reads_fields(one), {422});
  add_if(static_cast<bool>(one.request_schema), {404, 413, 415});
  add_if(may_change(one), {409, 507});
  add_if(takes_idempotency_key(one), {422});
  all.insert(one.further_statuses.begin(), one.further_statuses.end());
  return all;
}

std::string_view sentence_of(int status) noexcept {
  const auto found = std::ranges::find(sentences, status, &status_sentence::status);
  return found == std::end(sentences) ? "A problem; code names it." : found->sentence;
}

std::string_view tag_of(const route& one) noexcept {
  return area_of(one).tag;
}

std::vector<std::string_view> all_tags() {
  std::vector<std::string_view> tags;
  for (const auto& each : areas) {
    if (std::ranges::find(tags, each.tag) == tags.end()) {
      tags.push_back(each.tag);
    }
  }
  return tags;
}

schemas::json_object id_schema_of(const route& one) {
  const auto& place = area_of(one);
  const auto prefix = place.id_prefix;
  const auto pattern = prefix.empty() ? std::string(region_pattern)
                                      : std::string("^").append(prefix).append(id_digits);
  return {{"type", "string"}, {"pattern", pattern}};
}

}
