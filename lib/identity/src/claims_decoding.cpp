#include <algorithm>
#include <set>

#include "httvps/base/encoding.hpp"
#include "httvps/identity/claims.hpp"
#include "httvps/identity/errc.hpp"
#include "strict_json.hpp"

namespace httvps::identity {
namespace {

bool is_alphanumeric(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9');
}

bool is_id_letter(char letter) {
  return is_alphanumeric(letter) || letter == '_' || letter == '-' || letter == '.';
}

bool is_id_letter_or_star(char letter) {
  return is_id_letter(letter) || letter == '*';
}

bool is_address_letter(char letter) {
  return is_id_letter(letter) || letter == ':' || letter == '[' || letter == ']';
}

bool is_path_letter(char letter) {
  return is_id_letter(letter) || letter == '/' || letter == '~';
}

constexpr text_rule id_rule{.least = 1, .most = 64, .allows = is_id_letter};
constexpr text_rule gateway_name_rule{.least = 1, .most = 64, .allows = is_id_letter_or_star};
constexpr text_rule region_rule{.least = 0, .most = 64, .allows = is_id_letter};
constexpr text_rule host_rule{.least = 1, .most = 253, .allows = is_address_letter};
constexpr text_rule address_rule{.least = 3, .most = 64, .allows = is_address_letter};
constexpr text_rule path_rule{.least = 2, .most = 128, .allows = is_path_letter};
constexpr text_rule key_id_rule{
    .least = key_id_size, .most = key_id_size, .allows = is_alphanumeric};
constexpr text_rule pin_rule{.least = 43, .most = 43, .allows = is_id_letter};

constexpr list_rule gateway_names_size{.least = 1, .most = 32};
constexpr list_rule keys_size{.least = 1, .most = 16};
constexpr list_rule retired_size{.least = 0, .most = 16};
constexpr list_rule addresses_size{.least = 1, .most = 16};
constexpr list_rule pins_size{.least = 1, .most = 4};
constexpr list_rule gateways_size{.least = 1, .most = 64};

constexpr number_rule session_limit_rule{.least = 1, .most = 10'000};
constexpr number_rule uses_rule{.least = 1, .most = 10'000};
constexpr number_rule version_rule{.least = 1, .most = largest_json_integer};

template <typename Claims>
base::result<Claims> finish(const object_reader& reader, Claims claims) {
  if (!reader.sound()) {
    return base::fail(errc::claims_invalid);
  }
  return claims;
}

plan_limits read_plan(object_reader reader, object_reader& parent) {
  plan_limits plan{.session_limit = static_cast<std::uint32_t>(
                       reader.number("session_limit", session_limit_rule)),
                   .up_bps = reader.number_or_null("up_bps"),
                   .down_bps = reader.number_or_null("down_bps")};
  parent.require(reader.sound());
  return plan;
}

public_key read_listed_key(object_reader reader, object_reader& parent) {
  const auto key = reader.key("public");
  reader.require(reader.text("kid", key_id_rule) == key.key_id());
  parent.require(reader.sound());
  return key;
}

std::vector<public_key> read_listed_keys(object_reader& reader, std::string_view name,
                                         const list_rule& size) {
  std::vector<public_key> keys;
  for (const auto& entry : reader.objects(name, size)) {
    keys.push_back(read_listed_key(entry, reader));
  }
  return keys;
}

std::vector<spki_pin> read_pins(object_reader& reader) {
  std::vector<spki_pin> pins;
  for (const auto& text : reader.texts("pins", pins_size, pin_rule)) {
    const auto bytes = base::from_base64url(text);
    const bool fitting = bytes && bytes->size() == std::tuple_size_v<spki_pin>;
    reader.require(fitting);
    if (fitting) {
      std::ranges::copy(*bytes, pins.emplace_back().begin());
    }
  }
  return pins;
}

bool has_port(std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return false;
  }
  const auto digits = address.substr(colon + 1);
  if (digits.empty() || digits.size() > 5 ||
      !std::ranges::all_of(digits, [](char letter) { return letter >= '0' && letter <= '9'; })) {
    return false;
  }
  const auto port = std::stoul(std::string(digits));
  return port >= 1 && port <= 65535;
}

gateway_entry read_gateway(object_reader reader, object_reader& parent) {
  gateway_entry entry;
  entry.id = reader.text("id", id_rule);
  entry.host = reader.text("host", host_rule);
  entry.addresses = reader.texts("addresses", addresses_size, address_rule);
  reader.require(std::ranges::all_of(entry.addresses, has_port));
  reader.require(reader.text("mode", id_rule) == "direct");
  entry.pins = read_pins(reader);
  entry.path = reader.text("path", path_rule);
  reader.require(entry.path.starts_with('/'));
  entry.cookie = reader.text("cookie", id_rule);
  parent.require(reader.sound());
  return entry;
}

bool are_distinct(const std::vector<public_key>& keys) {
  return std::set(keys.begin(), keys.end()).size() == keys.size();
}

bool none_stands_twice(const key_set_claims& claims) {
  auto all = claims.keys;
  all.insert(all.end(), claims.retired.begin(), claims.retired.end());
  return are_distinct(all);
}

bool are_distinct(const std::vector<gateway_entry>& gateways) {
  std::set<std::string_view> ids;
  for (const auto& entry : gateways) {
    ids.insert(entry.id);
  }
  return ids.size() == gateways.size();
}

bool name_gateways_soundly(const std::vector<std::string>& gateways) {
  const bool has_star = std::ranges::any_of(
      gateways, [](const std::string& name) { return name.find('*') != std::string::npos; });
  return !has_star || (gateways.size() == 1 && gateways.front() == every_gateway);
}

}

bool access_claims::allows_gateway(std::string_view gateway_id) const noexcept {
  return std::ranges::any_of(gateways, [&](const std::string& name) {
    return name == every_gateway || name == gateway_id;
  });
}

base::result<access_claims> decode_access_claims(std::string_view text) {
  HTTVPS_TRY(const auto members, parse_json_object(text));
  object_reader reader(members);
  access_claims claims;
  claims.device_id = reader.text("sub", id_rule);
  claims.subscription_id = reader.text("subscription", id_rule);
  claims.device_key = reader.key("device_key");
  claims.gateways = reader.texts("gateways", gateway_names_size, gateway_name_rule);
  claims.region = reader.text("region", region_rule);
  claims.plan = read_plan(reader.object("plan"), reader);
  claims.issued = reader.time("iat");
  claims.expires = reader.time("exp");
  reader.require(name_gateways_soundly(claims.gateways));
  reader.require(claims.expires > claims.issued &&
                 claims.expires - claims.issued <= access_token_lifetime);
  return finish(reader, std::move(claims));
}

base::result<ticket_claims> decode_ticket_claims(std::string_view text) {
  HTTVPS_TRY(const auto members, parse_json_object(text));
  object_reader reader(members);
  ticket_claims claims;
  claims.ticket_id = reader.text("ticket", id_rule);
  claims.user_id = reader.text("user", id_rule);
  claims.gateway_id = reader.text("gateway", id_rule);
  claims.expires = reader.time("exp");
  claims.uses = static_cast<std::uint32_t>(reader.number("uses", uses_rule));
  return finish(reader, std::move(claims));
}

base::result<key_set_claims> decode_key_set_claims(std::string_view text) {
  HTTVPS_TRY(const auto members, parse_json_object(text));
  object_reader reader(members);
  key_set_claims claims;
  claims.version = reader.number("version", version_rule);
  claims.not_after = reader.time("not_after");
  claims.keys = read_listed_keys(reader, "keys", keys_size);
  if (members.contains("retired")) {
    claims.retired = read_listed_keys(reader, "retired", retired_size);
  }
  reader.require(none_stands_twice(claims));
  return finish(reader, std::move(claims));
}

base::result<config_claims> decode_config_claims(std::string_view text) {
  HTTVPS_TRY(const auto members, parse_json_object(text));
  object_reader reader(members);
  config_claims claims;
  claims.version = reader.number("version", version_rule);
  claims.issued = reader.time("issued");
  claims.not_after = reader.time("not_after");
  for (const auto& entry : reader.objects("gateways", gateways_size)) {
    claims.gateways.push_back(read_gateway(entry, reader));
  }
  reader.require(claims.not_after > claims.issued);
  reader.require(are_distinct(claims.gateways));
  return finish(reader, std::move(claims));
}

}
