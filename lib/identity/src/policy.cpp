#include "httvps/identity/policy.hpp"

#include <boost/json/serialize.hpp>

#include "context.hpp"
#include "httvps/identity/errc.hpp"
#include "strict_json.hpp"

namespace httvps::identity {
namespace {

namespace json = boost::json;
using std::chrono::seconds;

constexpr number_rule version_rule{.least = 1, .most = largest_json_integer};
constexpr number_rule seconds_rule{.least = 1, .most = 86400};
constexpr number_rule carriers_rule{.least = 1, .most = policy_carriers_most};

bool is_within(seconds span, const span_range& bounds) noexcept {
  return span >= bounds.least && span <= bounds.most;
}

bool is_within(const span_range& range, const span_range& bounds) noexcept {
  return range.least <= range.most && is_within(range.least, bounds) &&
         is_within(range.most, bounds);
}

json::object to_json(const span_range& range) {
  return {{"least_s", range.least.count()}, {"most_s", range.most.count()}};
}

seconds read_seconds(object_reader& reader, std::string_view name) {
  return seconds(static_cast<seconds::rep>(reader.number(name, seconds_rule)));
}

span_range read_range(object_reader reader, object_reader& parent) {
  const span_range range{.least = read_seconds(reader, "least_s"),
                         .most = read_seconds(reader, "most_s")};
  parent.require(reader.sound());
  return range;
}

}

bool is_sound(const traffic_shape& shape) noexcept {
  return shape.carriers_most >= 1 && shape.carriers_most <= policy_carriers_most &&
         is_within(shape.keepalive, keepalive_bounds) &&
         is_within(shape.carrier_age, carrier_age_bounds) &&
         is_within(shape.carrier_idle, carrier_idle_bounds);
}

base::result<std::string> encode_claims(const policy_claims& claims) {
  const auto& shape = claims.shape;
  auto text = json::serialize(json::object{{"version", claims.version},
                                           {"issued", base::to_unix_seconds(claims.issued)},
                                           {"carriers_most", shape.carriers_most},
                                           {"keepalive", to_json(shape.keepalive)},
                                           {"carrier_age", to_json(shape.carrier_age)},
                                           {"carrier_idle_s", shape.carrier_idle.count()}});
  HTTVPS_CHECK(decode_policy_claims(text));
  return text;
}

base::result<policy_claims> decode_policy_claims(std::string_view text) {
  HTTVPS_TRY(const auto members, parse_json_object(text));
  object_reader reader(members);
  policy_claims claims;
  claims.version = reader.number("version", version_rule);
  claims.issued = reader.time("issued");
  claims.shape.carriers_most =
      static_cast<std::uint32_t>(reader.number("carriers_most", carriers_rule));
  claims.shape.keepalive = read_range(reader.object("keepalive"), reader);
  claims.shape.carrier_age = read_range(reader.object("carrier_age"), reader);
  claims.shape.carrier_idle = read_seconds(reader, "carrier_idle_s");
  if (!reader.sound() || !is_sound(claims.shape)) {
    return base::fail(errc::claims_invalid);
  }
  return claims;
}

base::result<std::string> sign_document(const signing_key& key, const policy_claims& claims) {
  HTTVPS_TRY(const auto payload, encode_claims(claims));
  return sign_in_context(key, context::policy, payload);
}

base::result<policy_claims> verify_policy(std::string_view token, const document_check& check) {
  HTTVPS_TRY(const auto document, parse_in_context(token, context::policy));
  HTTVPS_TRY(const auto found, check.keys.find(document.key_id, check.now));
  HTTVPS_CHECK(verify_in_context(document, found.key, context::policy));
  HTTVPS_TRY(auto claims, decode_policy_claims(document.token.payload));
  if (claims.issued - check.now > clock_tolerance) {
    return base::fail(errc::token_not_yet_valid);
  }
  return claims;
}

}
