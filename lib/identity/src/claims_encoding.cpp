#include <boost/json/serialize.hpp>

#include "httvps/base/encoding.hpp"
#include "httvps/identity/claims.hpp"

namespace httvps::identity {
namespace {

namespace json = boost::json;

json::string_view to_json_text(std::string_view text) {
  return {text.data(), text.size()};
}

json::value optional_number(const std::optional<std::uint64_t>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}

json::array to_json_texts(const std::vector<std::string>& texts) {
  json::array all;
  for (const auto& text : texts) {
    all.emplace_back(to_json_text(text));
  }
  return all;
}

json::object to_json(const plan_limits& plan) {
  json::object members;
  members["session_limit"] = plan.session_limit;
  members["up_bps"] = optional_number(plan.up_bps);
  members["down_bps"] = optional_number(plan.down_bps);
  return members;
}

json::object to_json(const access_claims& claims) {
  json::object members;
  members["sub"] = claims.device_id;
  members["subscription"] = claims.subscription_id;
  members["device_key"] = claims.device_key.to_base64url();
  members["gateways"] = to_json_texts(claims.gateways);
  members["region"] = claims.region;
  members["plan"] = to_json(claims.plan);
  members["iat"] = base::to_unix_seconds(claims.issued);
  members["exp"] = base::to_unix_seconds(claims.expires);
  return members;
}

json::object to_json(const ticket_claims& claims) {
  json::object members;
  members["ticket"] = claims.ticket_id;
  members["user"] = claims.user_id;
  members["gateway"] = claims.gateway_id;
  members["exp"] = base::to_unix_seconds(claims.expires);
  members["uses"] = claims.uses;
  return members;
}

json::object to_json(const public_key& key) {
  json::object members;
  members["kid"] = key.key_id();
  members["public"] = key.to_base64url();
  return members;
}

json::array to_json(const std::vector<public_key>& keys) {
  json::array listed;
  for (const auto& key : keys) {
    listed.emplace_back(to_json(key));
  }
  return listed;
}

json::object to_json(const key_set_claims& claims) {
  json::object members;
  members["version"] = claims.version;
  members["not_after"] = base::to_unix_seconds(claims.not_after);
  members["keys"] = to_json(claims.keys);
  if (!claims.retired.empty()) {
    members["retired"] = to_json(claims.retired);
  }
  return members;
}

json::object to_json(const gateway_entry& entry) {
  json::array pins;
  for (const auto& pin : entry.pins) {
    pins.emplace_back(base::to_base64url(pin));
  }
  json::object members;
  members["id"] = entry.id;
  members["host"] = entry.host;
  members["addresses"] = to_json_texts(entry.addresses);
  members["mode"] = "direct";
  members["pins"] = std::move(pins);
  members["path"] = entry.path;
  members["cookie"] = entry.cookie;
  return members;
}

json::object to_json(const config_claims& claims) {
  json::array gateways;
  for (const auto& entry : claims.gateways) {
    gateways.emplace_back(to_json(entry));
  }
  json::object members;
  members["version"] = claims.version;
  members["issued"] = base::to_unix_seconds(claims.issued);
  members["not_after"] = base::to_unix_seconds(claims.not_after);
  members["gateways"] = std::move(gateways);
  return members;
}

template <typename Claims>
base::result<std::string> encode_checked(const Claims& claims,
                                         base::result<Claims> (*decode)(std::string_view)) {
  auto text = json::serialize(to_json(claims));
  HTTVPS_CHECK(decode(text));
  return text;
}

}

base::result<std::string> encode_claims(const access_claims& claims) {
  return encode_checked(claims, decode_access_claims);
}

base::result<std::string> encode_claims(const ticket_claims& claims) {
  return encode_checked(claims, decode_ticket_claims);
}

base::result<std::string> encode_claims(const key_set_claims& claims) {
  return encode_checked(claims, decode_key_set_claims);
}

base::result<std::string> encode_claims(const config_claims& claims) {
  return encode_checked(claims, decode_config_claims);
}

}
