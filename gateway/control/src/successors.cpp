#include "httvps/gateway/control/successors.hpp"

#include "httvps/gateway/control/errc.hpp"
#include "json_fields.hpp"

namespace httvps::gateway {
namespace {

namespace json = boost::json;

constexpr std::size_t successors_most = 16;

base::result<device_successors> decode_one(const json::value& value) {
  if (!value.is_object()) {
    return base::fail(control_errc::backend_answer_invalid);
  }
  const auto& item = value.get_object();
  device_successors one;
  HTTVPS_TRY(one.device_id, text_field(item, "device_id"));
  HTTVPS_TRY(one.gateways, ids_in(item, {.field = "gateways", .most = successors_most}));
  return one;
}

}

std::string encode_successors(const std::vector<std::string>& devices) {
  json::array ids(devices.begin(), devices.end());
  return json::serialize(json::object{{"devices", std::move(ids)}});
}

base::result<std::vector<device_successors>> decode_successors(std::string_view body) {
  HTTVPS_TRY(const auto answer, parse_object(body));
  const auto* items = answer.if_contains("items");
  if (items == nullptr || !items->is_array() ||
      items->get_array().size() > successors_devices_most) {
    return base::fail(control_errc::backend_answer_invalid);
  }
  std::vector<device_successors> found;
  for (const auto& each : items->get_array()) {
    HTTVPS_TRY(auto one, decode_one(each));
    found.push_back(std::move(one));
  }
  return found;
}

}
