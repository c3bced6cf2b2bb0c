#include "httvps/gateway/control/messages.hpp"

#include <algorithm>
#include <utility>

#include "httvps/base/encoding.hpp"
#include "httvps/gateway/control/errc.hpp"
#include "json_fields.hpp"
#include "withdrawn_devices.hpp"

namespace httvps::gateway {
namespace {

namespace json = boost::json;

constexpr std::size_t nodes_most = 8;
constexpr std::uint64_t weight_most = 1000;
constexpr std::uint64_t connects_most = 1'000'000;
constexpr std::int64_t connect_microseconds_most = 60'000'000;
constexpr std::size_t gaps_most = 64;
constexpr std::uint64_t lease_seconds_most = 86'400;
constexpr std::size_t terms_changed_most = 64;
constexpr std::size_t rotated_nodes_most = 64;

json::array to_array(const std::vector<std::string>& texts) {
  json::array all;
  for (const auto& text : texts) {
    all.push_back(json::string(text));
  }
  return all;
}

json::string to_json(std::string_view text) {
  return json::string(text.data(), text.size());
}

json::object to_object(const usage_row& row) {
  json::object object{
      {"n", row.session}, {"node_id", row.node_id}, {"up", row.up}, {"down", row.down}};
  if (!row.token.empty()) {
    object["token"] = row.token;
  }
  if (row.final) {
    object["final"] = true;
  }
  return object;
}

base::result<assigned_node> decode_node(const json::object& answer, const identity::box_key& key) {
  assigned_node assigned;
  HTTVPS_TRY(assigned.node_id, text_field(answer, "node_id"));
  HTTVPS_TRY(assigned.name, text_field(answer, "name"));
  HTTVPS_TRY(const auto sealed_text, text_field(answer, "sealed_key"));
  HTTVPS_TRY(const auto sealed, base::from_base64url(sealed_text));
  HTTVPS_TRY(const auto opened, key.open(sealed));
  HTTVPS_TRY(auto content, parse_object(opened.reveal_text()));
  HTTVPS_TRY(assigned.access_url, take_secret(content, "url"));
  return assigned;
}

json::object to_object(const node_outcome& outcome) {
  json::object object{{"node_id", outcome.node_id},
                      {"succeeded", std::min(outcome.succeeded, connects_most)},
                      {"failed", std::min(outcome.failed, connects_most)}};
  if (outcome.succeeded > 0) {
    const auto mean = outcome.took / static_cast<std::int64_t>(outcome.succeeded);
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(mean).count();
    object["connect_us"] = std::clamp<std::int64_t>(took, 0, connect_microseconds_most);
  }
  return object;
}

base::result<sequence_range> decode_gap(const json::value& value) {
  if (!value.is_object()) {
    return base::fail(control_errc::backend_answer_invalid);
  }
  sequence_range gap;
  HTTVPS_TRY(gap.first, number_field(value.get_object(), "first"));
  HTTVPS_TRY(gap.last, number_field(value.get_object(), "last"));
  if (gap.first == 0 || gap.first > gap.last || gap.last == UINT64_MAX) {
    return base::fail(control_errc::backend_answer_invalid);
  }
  return gap;
}

json::object to_object(const lease_item& item) {
  return {{"subscription", item.subscription},
          {"used_of_lease", item.used},
          {"want", item.want},
          {"token", item.token.empty() ? json::value() : json::value(item.token)}};
}

lease_end lease_end_of(std::string_view reason) {
  if (reason == "subscription_expired") {
    return lease_end::subscription_expired;
  }
  return reason == "access_suspended" ? lease_end::access_suspended : lease_end::quota_exceeded;
}

base::result<lease_grant> decode_grant(const json::value& value) {
  if (!value.is_object()) {
    return base::fail(control_errc::backend_answer_invalid);
  }
  const auto& item = value.get_object();
  lease_grant grant;
  HTTVPS_TRY(grant.subscription, text_field(item, "subscription"));
  HTTVPS_TRY(grant.granted, number_field(item, "grant_bytes"));
  HTTVPS_TRY(grant.remaining, number_field(item, "remaining"));
  HTTVPS_TRY(const auto lasts, number_field(item, "expires_s"));
  HTTVPS_TRY(grant.final, flag_field(item, "final"));
  HTTVPS_TRY(grant.refused, optional_flag(item, "refused"));
  HTTVPS_TRY(const auto reason, optional_text(item, "reason"));
  grant.end = lease_end_of(reason);
  grant.lasts = std::chrono::seconds(std::clamp<std::uint64_t>(lasts, 2, lease_seconds_most));
  return grant;
}

}

std::string encode_join(const join_request& request) {
  return json::serialize(json::object{{"secret", to_json(request.secret.reveal_text())},
                                      {"name", request.name},
                                      {"region", request.region},
                                      {"host", request.host},
                                      {"addresses", to_array(request.addresses)},
                                      {"pins", to_array(request.pins)},
                                      {"x25519_public", request.x25519_public}});
}

std::string_view name_of(service_phase phase) noexcept {
  switch (phase) {
    case service_phase::serving:
      return "serving";
    case service_phase::draining:
      return "draining";
    case service_phase::drained:
      return "drained";
  }
  std::unreachable();
}

std::string encode_heartbeat(const heartbeat& beat) {
  json::object object{
      {"node_id", beat.gateway_id},        {"region", beat.region},
      {"uptime_sec", beat.uptime_seconds}, {"active_sessions", beat.active_sessions},
      {"cpu_load", beat.cpu_load},         {"mem_load", beat.mem_load},
      {"bytes_up", beat.bytes_up},         {"bytes_down", beat.bytes_down},
      {"last_error", beat.last_error},     {"timestamp", beat.timestamp}};
  if (beat.phase != service_phase::serving) {
    object["state"] = to_json(name_of(beat.phase));
  }
  return json::serialize(object);
}

std::string encode_assign(std::string_view token, std::string_view region) {
  return json::serialize(json::object{{"token", to_json(token)}, {"region", to_json(region)}});
}

std::string encode_usage(const usage_batch& batch) {
  json::array rows;
  for (const auto& row : batch.rows) {
    rows.push_back(to_object(row));
  }
  return json::serialize(
      json::object{{"epoch", batch.epoch}, {"seq", batch.sequence}, {"rows", std::move(rows)}});
}

std::string encode_outcomes(const std::vector<node_outcome>& outcomes) {
  json::array nodes;
  for (const auto& each : outcomes) {
    nodes.push_back(to_object(each));
  }
  return json::serialize(json::object{{"nodes", std::move(nodes)}});
}

std::string encode_lease(const lease_request& request) {
  json::array items;
  for (const auto& each : request.items) {
    items.push_back(to_object(each));
  }
  return json::serialize(json::object{{"epoch", request.epoch}, {"items", std::move(items)}});
}

base::result<membership> decode_join(std::string_view body) {
  HTTVPS_TRY(auto answer, parse_object(body));
  membership joined;
  HTTVPS_TRY(joined.credential, take_secret(answer, "credential"));
  HTTVPS_TRY(joined.gateway_id, text_field(answer, "gateway_id"));
  HTTVPS_TRY(joined.path, text_field(answer, "path"));
  HTTVPS_TRY(joined.cookie, text_field(answer, "cookie"));
  HTTVPS_TRY(joined.root, text_field(answer, "root"));
  HTTVPS_TRY(joined.key_set, text_field(answer, "key_set"));
  HTTVPS_TRY(const auto state, text_field(answer, "state"));
  joined.approved = state == "approved";
  return joined;
}

base::result<published_config> decode_config(std::string_view body) {
  HTTVPS_TRY(const auto answer, parse_object(body));
  published_config config;
  HTTVPS_TRY(const auto state, text_field(answer, "state"));
  HTTVPS_TRY(config.path, text_field(answer, "path"));
  HTTVPS_TRY(config.cookie, text_field(answer, "cookie"));
  HTTVPS_TRY(config.key_set, text_field(answer, "key_set"));
  HTTVPS_TRY(config.rev, optional_number(answer, "rev"));
  HTTVPS_TRY(config.revocation_version, optional_number(answer, "revocation_version"));
  HTTVPS_TRY(config.withdrawn_devices, withdrawn_devices_in(answer));
  HTTVPS_TRY(config.draining, optional_flag(answer, "draining"));
  HTTVPS_TRY(config.policy, optional_text(answer, "policy"));
  HTTVPS_TRY(config.node_keys_version, optional_number(answer, "node_keys_version"));
  HTTVPS_TRY(config.rotated_nodes,
             ids_in(answer, {.field = "rotated_nodes", .most = rotated_nodes_most}));
  config.approved = state == "approved";
  return config;
}

base::result<heartbeat_answer> decode_heartbeat(std::string_view body) {
  HTTVPS_TRY(const auto answer, parse_object(body));
  heartbeat_answer heard;
  HTTVPS_TRY(heard.key_set_version, number_field(answer, "key_set_version"));
  HTTVPS_TRY(heard.revocation_version, optional_number(answer, "revocation_version"));
  HTTVPS_TRY(heard.terms_version, optional_number(answer, "terms_version"));
  HTTVPS_TRY(heard.terms_changed,
             ids_in(answer, {.field = "terms_changed", .most = terms_changed_most}));
  HTTVPS_TRY(heard.credential_lasts, optional_seconds(answer, "credential_expires_s"));
  HTTVPS_TRY(heard.renew_credential, optional_flag(answer, "renew_credential"));
  return heard;
}

base::result<assignment> decode_assignment(std::string_view body, const identity::box_key& key) {
  HTTVPS_TRY(const auto answer, parse_object(body));
  assignment assigned;
  HTTVPS_TRY(assigned.lease_until, text_field(answer, "lease_until"));
  const auto* nodes = answer.if_contains("nodes");
  if (nodes == nullptr) {
    HTTVPS_TRY(auto only, decode_node(answer, key));
    assigned.nodes.push_back(std::move(only));
    return assigned;
  }
  if (!nodes->is_array() || nodes->get_array().empty() || nodes->get_array().size() > nodes_most) {
    return base::fail(control_errc::backend_answer_invalid);
  }
  for (const auto& each : nodes->get_array()) {
    if (!each.is_object()) {
      return base::fail(control_errc::backend_answer_invalid);
    }
    HTTVPS_TRY(auto one, decode_node(each.get_object(), key));
    HTTVPS_TRY(const auto weight, number_field(each.get_object(), "weight"));
    one.weight = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(weight, 1, weight_most));
    assigned.nodes.push_back(std::move(one));
  }
  return assigned;
}

base::result<usage_answer> decode_usage(std::string_view body) {
  HTTVPS_TRY(const auto answer, parse_object(body));
  usage_answer taken;
  HTTVPS_TRY(taken.acked_through, number_field(answer, "acked_through"));
  const auto* gaps = answer.if_contains("gaps");
  if (gaps == nullptr || !gaps->is_array() || gaps->get_array().size() > gaps_most) {
    return base::fail(control_errc::backend_answer_invalid);
  }
  for (const auto& each : gaps->get_array()) {
    HTTVPS_TRY(const auto gap, decode_gap(each));
    taken.gaps.push_back(gap);
  }
  return taken;
}

base::result<lease_answer> decode_lease(std::string_view body) {
  HTTVPS_TRY(const auto answer, parse_object(body));
  const auto* items = answer.if_contains("items");
  if (items == nullptr || !items->is_array()) {
    return base::fail(control_errc::backend_answer_invalid);
  }
  lease_answer granted;
  for (const auto& each : items->get_array()) {
    HTTVPS_TRY(auto grant, decode_grant(each));
    granted.items.push_back(std::move(grant));
  }
  return granted;
}

std::string problem_code(std::string_view body) {
  const auto answer = parse_object(body);
  const auto code = answer ? text_field(*answer, "code") : std::unexpected(answer.error());
  return code.value_or("");
}

}
