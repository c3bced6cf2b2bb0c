#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "gateway/support/backend_messages.hpp"
#include "gateway/support/scripted_backend.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/base/random.hpp"
#include "httvps/identity/sealed_box.hpp"

namespace httvps::testing {
namespace {

namespace json = boost::json;

std::string served_key_set(const deployment& keys) {
  return keys.served_key_set.empty() ? keys.key_set() : keys.served_key_set;
}

json::value or_null(const std::optional<std::uint64_t>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}

json::value or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

json::array as_array(const std::vector<std::string>& texts) {
  json::array all;
  for (const auto& each : texts) {
    all.emplace_back(each);
  }
  return all;
}

json::object policy_in(const backend_script& script) {
  json::object policy{{"session_limit", script.session_limit},
                      {"up_bps", or_null(script.up_bps)},
                      {"down_bps", or_null(script.down_bps)},
                      {"quota", nullptr}};
  if (script.quota) {
    policy["quota"] =
        json::object{{"remaining", *script.quota}, {"offline_bytes", script.offline_bytes}};
  }
  return policy;
}

json::array suspensions_in(const backend_script& script) {
  json::array all;
  for (const auto& [device, reason] : script.suspended_devices) {
    all.push_back(json::object{{"device_id", device}, {"reason", reason}});
  }
  return all;
}

}

net::http_response scripted_backend::answer(backend_call call, const net::http_request& request) {
  const auto bearer = "Bearer " + credential_;
  const bool needs_bearer = call != backend_call::join && call != backend_call::device;
  if (needs_bearer && request.headers.find("Authorization") != bearer) {
    return problem(401, "credential_refused");
  }
  switch (call) {
    case backend_call::join:
      return answer_join(request);
    case backend_call::config:
      return answer_config();
    case backend_call::heartbeat:
      return answer_heartbeat(request);
    case backend_call::validate:
      return answer_validate(request);
    case backend_call::assign:
      return answer_assign();
    case backend_call::lease:
      return answer_lease(request);
    case backend_call::usage:
      return answer_usage(request);
    case backend_call::outcomes:
      record_.outcomes.push_back(request.body);
      return reply(200, json::object{{"interval_ms", 10000}});
    case backend_call::sessions:
      record_.session_reports.push_back(request.body);
      return reply(200,
                   json::object{{"in_step", true}, {"end", as_array(script_.sessions_to_end)}});
    case backend_call::place:
      record_.places.push_back(request.body);
      return reply(200, json::object{{"state", script_.state}});
    case backend_call::device:
      return reply(200, json::parse(script_.device_answer));
    default:
      return problem(404, "not_found");
  }
}

net::http_response scripted_backend::answer_config() const {
  return reply(200, json::object{{"state", script_.state},
                                 {"path", keys_.path},
                                 {"cookie", keys_.cookie},
                                 {"key_set", served_key_set(keys_)},
                                 {"config", ""},
                                 {"policy", script_.policy},
                                 {"revocation_version", script_.revocation_version},
                                 {"revoked_devices", as_array(script_.revoked_devices)},
                                 {"suspended_devices", suspensions_in(script_)},
                                 {"draining", script_.draining}});
}

net::http_response scripted_backend::answer_heartbeat(const net::http_request& request) {
  record_.heartbeats.push_back(request.body);
  return reply(200, json::object{{"server_time", ""},
                                 {"interval_ms", 5000},
                                 {"key_set_version", keys_.key_set_version()},
                                 {"revocation_version", script_.revocation_version},
                                 {"terms_version", script_.terms_version},
                                 {"terms_changed", as_array(script_.terms_changed)}});
}

net::http_response scripted_backend::answer_join(const net::http_request& request) {
  record_.joins.push_back(request.body);
  gateway_box_key_ = text_of(json::parse(request.body).as_object(), "x25519_public");
  return reply(200, json::object{{"gateway_id", keys_.gateway_id},
                                 {"credential", credential_},
                                 {"state", script_.state},
                                 {"path", keys_.path},
                                 {"cookie", keys_.cookie},
                                 {"root", keys_.root().to_base64url()},
                                 {"key_set", served_key_set(keys_)}});
}

net::http_response scripted_backend::answer_validate(const net::http_request& request) {
  const auto body = json::parse(request.body).as_object();
  const auto* items = body.if_contains("items");
  if (items == nullptr) {
    return reply(200, validation_of(body));
  }
  json::array answers;
  for (const auto& each : items->as_array()) {
    answers.push_back(validation_of(each.as_object()));
  }
  return reply(200, json::object{{"items", std::move(answers)}});
}

json::object scripted_backend::validation_of(const json::object& asked) {
  record_.validations.push_back(json::serialize(asked));
  if (!script_.denied_code.empty()) {
    return {{"allow", false}, {"code", script_.denied_code}, {"sentence", script_.denied_sentence}};
  }
  const auto access = keys_.verify(text_of(asked, "token"));
  if (!access) {
    return {{"allow", false}, {"code", "token_invalid"}, {"sentence", "The token is not ours."}};
  }
  return {{"allow", true},
          {"device_id", access->claims.device_id},
          {"subscription_id", script_.subscription_id.empty() ? access->claims.subscription_id
                                                              : script_.subscription_id},
          {"plan_id", "plan_test"},
          {"policy", policy_in(script_)},
          {"ends_at", or_null(script_.ends_at)},
          {"recheck_s", script_.recheck_seconds}};
}

std::string scripted_backend::sealed(const std::string& access_url) const {
  const auto recipient = identity::box_public_key::from_base64url(gateway_box_key_).value();
  const auto content = json::serialize(json::object{{"url", access_url}});
  return base::to_base64url(
      identity::seal_to(recipient, base::secret_bytes::from_text(content), base::secure_random())
          .value());
}

net::http_response scripted_backend::answer_assign() {
  if (script_.access_url.empty()) {
    return problem(503, "no_node_available");
  }
  json::object first{{"node_id", "node_test"},
                     {"name", "orchard"},
                     {"host", "127.0.0.1"},
                     {"port", 1},
                     {"method", "chacha20-ietf-poly1305"},
                     {"sealed_key", sealed(script_.access_url)}};
  auto answer = first;
  answer["lease_until"] = "2030-01-01T00:00:00Z";
  if (!script_.reserve_url.empty()) {
    auto reserve = first;
    first["weight"] = 1000;
    reserve["weight"] = 1000;
    reserve["node_id"] = "node_reserve";
    reserve["sealed_key"] = sealed(script_.reserve_url);
    answer["nodes"] = json::array{first, reserve};
  }
  return reply(200, answer);
}

net::http_response scripted_backend::answer_lease(const net::http_request& request) {
  const auto body = json::parse(request.body).as_object();
  json::array items;
  for (const auto& each : body.at("items").as_array()) {
    const auto& item = each.as_object();
    const lease_call call{.epoch = text_of(body, "epoch"),
                          .subscription = text_of(item, "subscription"),
                          .used = item.at("used_of_lease").to_number<std::uint64_t>(),
                          .want = item.at("want").to_number<std::uint64_t>(),
                          .token = text_of(item, "token")};
    record_.leases.push_back(call);
    auto& granted = record_.granted[call.subscription];
    const auto quota = script_.quota.value_or(0);
    granted = call.want == 0 || script_.lease_refused
                  ? call.used
                  : std::max(granted,
                             std::min(quota, call.used + std::min(call.want, script_.grant_most)));
    items.push_back(json::object{{"subscription", call.subscription},
                                 {"grant_bytes", granted},
                                 {"remaining", quota - std::min(quota, granted)},
                                 {"expires_s", script_.lease_seconds},
                                 {"final", granted >= quota && !script_.lease_refused},
                                 {"refused", script_.lease_refused},
                                 {"reason", or_null(script_.lease_reason)}});
  }
  return reply(200, json::object{{"items", std::move(items)}});
}

net::http_response scripted_backend::answer_usage(const net::http_request& request) {
  const auto delivery = delivery_of(request.body);
  const auto acknowledged = script_.acknowledges.value_or(delivery.sequence);
  json::array gaps;
  for (const auto& [first, last] : script_.gaps) {
    gaps.push_back(json::object{{"first", first}, {"last", last}});
  }
  return reply(200, json::object{{"acked_through", acknowledged}, {"gaps", std::move(gaps)}});
}

}
