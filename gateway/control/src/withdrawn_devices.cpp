#include "withdrawn_devices.hpp"

#include <map>
#include <utility>

#include "httvps/gateway/control/errc.hpp"
#include "json_fields.hpp"

namespace httvps::gateway {
namespace {

constexpr std::size_t withdrawn_devices_most = 100'000;

using suspension_map = std::map<std::string, suspension>;

base::result<> add_suspension(const boost::json::value& each, suspension_map& known) {
  if (!each.is_object()) {
    return base::fail(control_errc::backend_answer_invalid);
  }
  HTTVPS_TRY(auto device, text_field(each.get_object(), "device_id"));
  HTTVPS_TRY(const auto reason, text_field(each.get_object(), "reason"));
  known[std::move(device)] =
      reason == "subscription_suspended" ? suspension::of_subscription : suspension::of_user;
  return {};
}

base::result<suspension_map> suspensions_in(const boost::json::object& config) {
  suspension_map known;
  const auto* listed = config.if_contains("suspended_devices");
  if (listed == nullptr || listed->is_null()) {
    return known;
  }
  if (!listed->is_array() || listed->get_array().size() > withdrawn_devices_most) {
    return base::fail(control_errc::backend_answer_invalid);
  }
  for (const auto& each : listed->get_array()) {
    HTTVPS_CHECK(add_suspension(each, known));
  }
  return known;
}

}

base::result<std::vector<withdrawn_device>> withdrawn_devices_in(
    const boost::json::object& config) {
  HTTVPS_TRY(auto ids,
             ids_in(config, {.field = "revoked_devices", .most = withdrawn_devices_most}));
  HTTVPS_TRY(const auto suspensions, suspensions_in(config));
  std::vector<withdrawn_device> devices;
  devices.reserve(ids.size());
  for (auto& id : ids) {
    const auto found = suspensions.find(id);
    const auto how = found == suspensions.end() ? suspension::none : found->second;
    devices.push_back({.device_id = std::move(id), .how = how});
  }
  return devices;
}

}
