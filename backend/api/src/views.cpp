#include "views.hpp"

#include <algorithm>

namespace httvps::backend::api {
namespace {

using schemas::bits_per_second;
using schemas::counter_value;

schemas::heartbeat_view view_of(const models::heartbeat& beat) {
  return {.received_at = beat.received_at,
          .uptime_sec = beat.uptime_seconds,
          .active_sessions = beat.active_sessions,
          .cpu_load = {beat.cpu_load},
          .mem_load = {beat.mem_load},
          .bytes_up = beat.bytes_up,
          .bytes_down = beat.bytes_down,
          .last_error = beat.last_error,
          .state = beat.phase};
}

std::optional<schemas::heartbeat_view> view_of(const std::optional<models::heartbeat>& beat) {
  return beat ? std::optional(view_of(*beat)) : std::nullopt;
}

schemas::subscription_summary summary_of(const services::subscription_report& report) {
  return {.id = report.subject.id,
          .plan = report.terms.name,
          .standing = report.standing,
          .expires_at = report.subject.expires_at,
          .quota_bytes = optional_field<counter_value>(report.terms.quota_bytes),
          .used_up = report.used.up,
          .used_down = report.used.down,
          .remaining_bytes = optional_field<counter_value>(services::remaining_bytes(report))};
}

schemas::keyring_view view_of(const models::keyring& ring) {
  return {.source = ring.source,
          .wanted_revision = ring.revision,
          .running_revision = ring.running_revision,
          .rollout = ring.rollout,
          .reason = ring.reason,
          .told_at = optional_field<schemas::moment>(ring.told_at),
          .transferred_30d = {}};
}

std::optional<schemas::keyring_view> keyring_of(const services::node_report& report) {
  if (!report.keyring) {
    return std::nullopt;
  }
  auto view = view_of(*report.keyring);
  view.transferred_30d = report.transferred;
  return view;
}

}

schemas::admin_view view_of(const models::admin& admin) {
  return {.id = admin.id,
          .name = admin.name,
          .role = admin.role,
          .state = admin.state,
          .totp = admin.totp,
          .created_at = admin.created_at};
}

schemas::user_view view_of(const models::user& user) {
  return {.id = user.id,
          .name = user.name,
          .email = optional_field<schemas::email_address>(user.email),
          .state = user.state,
          .note = user.note,
          .created_at = user.created_at,
          .deleted_at = optional_field<schemas::moment>(user.deleted_at)};
}

schemas::plan_view view_of(const models::plan& plan) {
  return {.id = plan.id,
          .code = plan.code,
          .name = plan.name,
          .quota_bytes = optional_field<counter_value>(plan.quota_bytes),
          .offline_bytes = optional_field<counter_value>(plan.offline_bytes),
          .reset = plan.reset,
          .duration_days = optional_field<schemas::plan_days>(plan.duration_days),
          .device_limit = plan.device_limit,
          .session_limit = plan.session_limit,
          .up_bps = optional_field<bits_per_second>(plan.up_bps),
          .down_bps = optional_field<bits_per_second>(plan.down_bps),
          .regions = list_of<schemas::region_list>(plan.regions),
          .state = plan.state(),
          .created_at = plan.created_at,
          .start = plan.start};
}

schemas::subscription_view view_of(const services::subscription_report& report) {
  const auto& subject = report.subject;
  const bool waits = subject.next && subject.next->plan != report.terms.id;
  return {.id = report.subject.id,
          .user_id = report.subject.user,
          .plan_id = report.terms.id,
          .next_plan_id = waits ? std::optional(subject.next->plan) : std::nullopt,
          .next_plan_at = waits ? optional_field<schemas::moment>(std::optional(subject.next->at))
                                : std::nullopt,
          .state = subject.state,
          .standing = report.standing,
          .starts_at = report.subject.starts_at,
          .expires_at = report.subject.expires_at,
          .period_start = report.period,
          .period_end = report.period_end,
          .quota_bytes = optional_field<counter_value>(report.terms.quota_bytes),
          .own_quota_bytes = optional_field<counter_value>(subject.quota_bytes),
          .used_up = report.used.up,
          .used_down = report.used.down,
          .counted_bytes = report.counted.total(),
          .remaining_bytes = optional_field<counter_value>(services::remaining_bytes(report)),
          .created_at = report.subject.created_at,
          .awaits_use = subject.awaits_use};
}

schemas::device_view view_of(const models::device& device) {
  return {.id = device.id,
          .user_id = device.user,
          .subscription_id = device.subscription,
          .name = device.name,
          .platform = device.platform,
          .state = device.state,
          .enrolled_at = device.enrolled_at,
          .last_seen_at = device.last_seen_at,
          .revoked_at = device.revoked_at,
          .last_region = optional_field<schemas::region_code>(device.last_region)};
}

schemas::node_view view_of(const services::node_report& report) {
  return {.id = report.node.id,
          .name = report.node.name,
          .region = report.node.region,
          .host = report.node.host,
          .port = report.node.port,
          .weight = report.node.weight,
          .state = report.node.state,
          .healthy = report.healthy,
          .method = report.method,
          .key_generation = report.key_generation,
          .keyring = keyring_of(report),
          .heartbeat = view_of(report.heartbeat),
          .created_at = report.node.created_at,
          .capacity_bps = optional_field<bits_per_second>(report.node.capacity_bps),
          .max_sessions = optional_field<schemas::session_capacity>(report.node.max_sessions),
          .labels = list_of<schemas::node_labels>(report.node.labels),
          .key_limit_bytes = optional_field<schemas::counter_value>(report.node.key_limit_bytes)};
}

schemas::gateway_view view_of(const services::gateway_report& report) {
  return {.id = report.gateway.id,
          .name = report.gateway.name,
          .region = report.gateway.region,
          .host = report.gateway.host,
          .addresses = list_of<schemas::address_list>(report.gateway.addresses),
          .pins = list_of<schemas::pin_list>(report.gateway.pins),
          .state = report.gateway.state,
          .heartbeat = view_of(report.heartbeat),
          .created_at = report.gateway.created_at,
          .approved_at = optional_field<schemas::moment>(report.gateway.approved_at),
          .draining_since = optional_field<schemas::moment>(report.gateway.draining_since),
          .weight = report.gateway.weight,
          .capacity_bps = optional_field<bits_per_second>(report.gateway.capacity_bps),
          .max_sessions = optional_field<schemas::session_capacity>(report.gateway.max_sessions)};
}

schemas::region_view view_of(const models::region& region) {
  return {.code = region.code,
          .latitude_millionths = optional_field<schemas::latitude>(region.latitude_millionths),
          .longitude_millionths = optional_field<schemas::longitude>(region.longitude_millionths),
          .name = optional_field<schemas::display_name>(region.name),
          .country = optional_field<schemas::country_code>(region.country)};
}

schemas::usage_item view_of(const models::usage_row& row) {
  return {.day = row.day,
          .device_id = row.device,
          .node_id = row.node,
          .up = row.counted.up,
          .down = row.counted.down};
}

schemas::usage_total total_of(const models::traffic& traffic) {
  return {.up = traffic.up, .down = traffic.down};
}

schemas::me_answer view_of(const services::device_report& report) {
  const auto& holder = report.holder;
  return {.device_id = holder.device.id,
          .device_name = holder.device.name,
          .user_id = holder.user.id,
          .user_name = holder.user.name,
          .subscription = summary_of(holder.subscription),
          .devices = report.devices,
          .device_limit = holder.subscription.terms.device_limit};
}

std::optional<schemas::counter_value> seconds_left(const models::credential& one,
                                                   base::system_time now) {
  if (!one.expires_at) {
    return std::nullopt;
  }
  const auto left = std::chrono::floor<std::chrono::seconds>(*one.expires_at - now);
  return counter_value(std::max<std::int64_t>(left.count(), 0));
}

}
