#include "httvps/backend/services/policy_service.hpp"

#include "amending.hpp"
#include "httvps/backend/services/errc.hpp"
#include "stored_version.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::string_view shape_setting = "traffic_policy";
constexpr std::string_view version_setting = "policy_version";
constexpr std::string_view policy_object = "policy";

base::result<std::string> written(const policy_report& report) {
  const auto text =
      identity::encode_claims({.version = report.version, .issued = {}, .shape = report.shape});
  return text ? text : base::fail(errc::storage_failed);
}

base::result<policy_report> load(repositories& tables) {
  policy_report found;
  HTTVPS_TRY(found.version, policy_version(tables));
  HTTVPS_TRY(const auto text, tables.settings.find(shape_setting));
  if (text) {
    const auto claims = identity::decode_policy_claims(*text);
    if (!claims) {
      return base::fail(errc::storage_failed);
    }
    found.shape = claims->shape;
  }
  return found;
}

base::result<> save(repositories& tables, const policy_report& report) {
  HTTVPS_TRY(auto text, written(report));
  HTTVPS_CHECK(tables.settings.save({.key = std::string(shape_setting), .value = std::move(text)}));
  return tables.settings.save(
      {.key = std::string(version_setting), .value = std::to_string(report.version)});
}

identity::traffic_shape amended_by(identity::traffic_shape shape, const policy_amendment& wanted) {
  amend(shape.carriers_most, wanted.carriers_most);
  amend(shape.keepalive.least, wanted.keepalive_least);
  amend(shape.keepalive.most, wanted.keepalive_most);
  amend(shape.carrier_age.least, wanted.carrier_age_least);
  amend(shape.carrier_age.most, wanted.carrier_age_most);
  amend(shape.carrier_idle, wanted.carrier_idle);
  return shape;
}

base::result<> check(const identity::traffic_shape& shape) {
  if (shape.keepalive.least > shape.keepalive.most) {
    return base::fail(errc::keepalive_reversed);
  }
  if (shape.carrier_age.least > shape.carrier_age.most) {
    return base::fail(errc::carrier_age_reversed);
  }
  return {};
}

}

entity_tag tag_of(const policy_report& report) {
  const auto content = written(report).value_or(std::string());
  return tag_of_document({.key = policy_object, .content = content});
}

base::result<std::uint64_t> policy_version(repositories& tables) {
  HTTVPS_TRY(const auto stored, tables.settings.find(version_setting));
  return version_in(stored, 1);
}

base::result<std::string> sign_policy(const service_tools& tools, repositories& tables) {
  HTTVPS_TRY(const auto present, load(tables));
  return tools.authority.sign(identity::policy_claims{
      .version = present.version, .issued = tools.clock.system_now(), .shape = present.shape});
}

base::result<policy_report> policy_service::find() const {
  return read_from(tools_.storage, load);
}

base::result<policy_report> policy_service::change(const admin_actor& actor,
                                                   const policy_amendment& wanted) const {
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<policy_report> {
    HTTVPS_TRY(const auto before, load(tables));
    HTTVPS_CHECK(require_match(actor, tag_of(before)));
    auto after = before;
    after.shape = amended_by(before.shape, wanted);
    HTTVPS_CHECK(check(after.shape));
    if (after.shape == before.shape) {
      return before;
    }
    ++after.version;
    HTTVPS_CHECK(save(tables, after));
    HTTVPS_TRY(auto former_text, written(before));
    HTTVPS_TRY(auto present_text, written(after));
    HTTVPS_CHECK(record_change(tables, tools_, actor,
                               {.action = "policy.change",
                                .object = policy_object,
                                .before = std::move(former_text),
                                .after = std::move(present_text)}));
    return after;
  });
}

}
