#include "httvps/backend/services/audit_documents.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "httvps/backend/models/enum_text.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::backend::services {
namespace {

using boost::json::object;
using boost::json::value;

template <typename Enum>
  requires std::is_enum_v<Enum>
std::string shown(Enum one) {
  return models::enum_text(one);
}

std::string shown(base::system_time moment) {
  return base::to_rfc3339(moment);
}

value shown(const std::optional<base::system_time>& moment) {
  return moment ? value(base::to_rfc3339(*moment)) : value(nullptr);
}

template <typename Number>
value shown(const std::optional<Number>& number) {
  return number ? value(*number) : value(nullptr);
}

value shown(const std::optional<models::forgiven_usage>& forgiven) {
  if (!forgiven) {
    return nullptr;
  }
  return object{{"period_start", shown(forgiven->period)},
                {"up", forgiven->counted.up},
                {"down", forgiven->counted.down}};
}

value shown(const std::optional<models::planned_change>& next) {
  if (!next) {
    return nullptr;
  }
  return object{{"plan_id", next->plan.text()}, {"at", shown(next->at)}};
}

boost::json::array shown(const std::vector<std::string>& texts) {
  return boost::json::array(texts.begin(), texts.end());
}

value hidden() {
  return value(boost::json::string_view(base::redacted.data(), base::redacted.size()));
}

}

std::string audit_document(const models::user& user) {
  return serialize(object{{"name", user.name},
                          {"email", user.email ? value(*user.email) : value(nullptr)},
                          {"state", shown(user.state)},
                          {"note", user.note},
                          {"deleted_at", shown(user.deleted_at)}});
}

std::string audit_document(const models::plan& plan) {
  return serialize(object{{"code", plan.code},
                          {"name", plan.name},
                          {"quota_bytes", shown(plan.quota_bytes)},
                          {"reset", shown(plan.reset)},
                          {"duration_days", shown(plan.duration_days)},
                          {"device_limit", plan.device_limit},
                          {"session_limit", plan.session_limit},
                          {"offline_bytes", shown(plan.offline_bytes)},
                          {"up_bps", shown(plan.up_bps)},
                          {"down_bps", shown(plan.down_bps)},
                          {"regions", shown(plan.regions)},
                          {"retired_at", shown(plan.retired_at)},
                          {"start", shown(plan.start)}});
}

std::string audit_document(const models::subscription& subscription) {
  return serialize(object{{"user_id", subscription.user.text()},
                          {"plan_id", subscription.plan.text()},
                          {"state", shown(subscription.state)},
                          {"suspended_at", shown(subscription.suspended_at)},
                          {"starts_at", shown(subscription.starts_at)},
                          {"expires_at", shown(subscription.expires_at)},
                          {"quota_bytes", shown(subscription.quota_bytes)},
                          {"forgiven", shown(subscription.forgiven)},
                          {"next_plan", shown(subscription.next)},
                          {"awaits_use", subscription.awaits_use}});
}

std::string audit_document(const models::device& device) {
  return serialize(object{{"user_id", device.user.text()},
                          {"name", device.name},
                          {"platform", device.platform},
                          {"state", shown(device.state)},
                          {"revoked_at", shown(device.revoked_at)}});
}

std::string audit_document(const models::enrolment_ticket& ticket) {
  return serialize(object{{"user_id", ticket.user.text()},
                          {"gateway_id", ticket.gateway.text()},
                          {"uses", ticket.max_uses},
                          {"expires_at", shown(ticket.expires_at)},
                          {"revoked_at", shown(ticket.revoked_at)},
                          {"link", hidden()}});
}

std::string audit_document(const models::node& node) {
  return serialize(object{{"name", node.name},
                          {"region", node.region},
                          {"host", node.host},
                          {"port", node.port},
                          {"weight", node.weight},
                          {"state", shown(node.state)},
                          {"capacity_bps", shown(node.capacity_bps)},
                          {"max_sessions", shown(node.max_sessions)},
                          {"labels", shown(node.labels)},
                          {"key_limit_bytes", shown(node.key_limit_bytes)},
                          {"access_key", hidden()}});
}

std::string audit_document(const models::region& region) {
  return serialize(object{{"code", region.code},
                          {"latitude_millionths", shown(region.latitude_millionths)},
                          {"longitude_millionths", shown(region.longitude_millionths)},
                          {"name", shown(region.name)},
                          {"country", shown(region.country)}});
}

std::string audit_document(const models::gateway& gateway) {
  return serialize(object{{"name", gateway.name},
                          {"region", gateway.region},
                          {"host", gateway.host},
                          {"addresses", shown(gateway.addresses)},
                          {"pins", shown(gateway.pins)},
                          {"state", shown(gateway.state)},
                          {"approved_at", shown(gateway.approved_at)},
                          {"draining_since", shown(gateway.draining_since)},
                          {"weight", gateway.weight},
                          {"capacity_bps", shown(gateway.capacity_bps)},
                          {"max_sessions", shown(gateway.max_sessions)}});
}

std::string audit_document(const models::join_token& token) {
  return serialize(object{{"name", token.name},
                          {"region", token.region},
                          {"expires_at", shown(token.expires_at)},
                          {"needs_approval", token.approval == models::join_approval::by_admin},
                          {"revoked_at", shown(token.revoked_at)},
                          {"join_token", hidden()}});
}

std::string audit_document(const models::credential& one) {
  return serialize(object{{"kind", shown(one.kind)},
                          {"created_at", shown(one.created_at)},
                          {"expires_at", shown(one.expires_at)},
                          {"renewal_asked_at", shown(one.renewal_asked_at)},
                          {"revoked_at", shown(one.revoked_at)},
                          {"credential", hidden()}});
}

std::string audit_document(const models::admin& admin) {
  return serialize(object{{"name", admin.name},
                          {"role", shown(admin.role)},
                          {"state", shown(admin.state)},
                          {"totp", shown(admin.totp)},
                          {"password", hidden()}});
}

std::string audit_document(const models::admin_token& token) {
  return serialize(object{{"kind", shown(token.kind)},
                          {"owner_id", token.owner.text()},
                          {"name", token.name},
                          {"role", shown(token.role)},
                          {"scopes", shown(token.scopes)},
                          {"expires_at", shown(token.expires_at)},
                          {"revoked_at", shown(token.revoked_at)},
                          {"secret", hidden()}});
}

}
