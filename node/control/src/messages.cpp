#include "httvps/node/control/messages.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "httvps/base/encoding.hpp"
#include "httvps/base/secret_text.hpp"

namespace httvps::node {
namespace {

namespace json = boost::json;

constexpr std::size_t text_most = 16384;
constexpr std::size_t depth_most = 8;
constexpr std::size_t region_most = 64;
constexpr std::size_t credential_most = 1024;
constexpr std::uint64_t seconds_most = std::uint64_t{10} * 366 * 86400;

std::unexpected<base::error> invalid() {
  return base::fail(control_errc::backend_answer_invalid);
}

base::result<json::object> parse_object(std::string_view text) {
  json::parse_options options;
  options.max_depth = depth_most;
  json::error_code failure;
  auto value = json::parse(json::string_view(text.data(), text.size()), failure, {}, options);
  if (failure || !value.is_object()) {
    return invalid();
  }
  return std::move(value.get_object());
}

base::result<std::string> text_field(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_string() || value->get_string().size() > text_most) {
    return invalid();
  }
  return std::string(value->get_string());
}

base::result<base::secret_bytes> take_secret(json::object& object, std::string_view name) {
  auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_string() || value->get_string().size() > text_most) {
    return invalid();
  }
  return base::take_text(value->get_string());
}

base::result<std::uint64_t> number_field(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_number()) {
    return invalid();
  }
  json::error_code failure;
  const auto number = value->to_number<std::uint64_t>(failure);
  return failure ? base::result<std::uint64_t>(invalid()) : number;
}

base::result<std::optional<std::chrono::seconds>> seconds_field(const json::object& object,
                                                                std::string_view name) {
  using found = std::optional<std::chrono::seconds>;
  const auto* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) {
    return found();
  }
  HTTVPS_TRY(const auto number, number_field(object, name));
  return found(std::chrono::seconds(std::min(number, seconds_most)));
}

base::result<base::secret_bytes> open_secret(const json::object& entry,
                                             const identity::box_key& key) {
  HTTVPS_TRY(const auto text, text_field(entry, "sealed_secret"));
  const auto sealed = base::from_base64url(text);
  if (!sealed) {
    return invalid();
  }
  const auto opened = key.open(*sealed);
  if (!opened) {
    return base::fail(control_errc::sealed_for_another);
  }
  HTTVPS_TRY(auto content, parse_object(opened->reveal_text()));
  return take_secret(content, "secret");
}

base::result<node_key> decode_key(const json::value& value, const identity::box_key& key) {
  const auto* entry = value.if_object();
  if (entry == nullptr) {
    return invalid();
  }
  node_key decoded;
  HTTVPS_TRY(decoded.id, text_field(*entry, "key_id"));
  HTTVPS_TRY(decoded.generation, number_field(*entry, "generation"));
  HTTVPS_TRY(const auto cipher, text_field(*entry, "cipher"));
  const auto method = shadowsocks::method_from_name(cipher);
  if (!method) {
    return invalid();
  }
  decoded.method = *method;
  HTTVPS_TRY(decoded.secret, open_secret(*entry, key));
  return decoded;
}

json::object to_row(const std::string& id, const key_traffic& traffic) {
  return {{"key_id", id},
          {"up", traffic.up},
          {"down", traffic.down},
          {"wire_up", traffic.wire_up},
          {"wire_down", traffic.wire_down}};
}

}

std::string encode_heartbeat(const node_heartbeat& beat) {
  return json::serialize(json::object{{"node_id", beat.node_id},
                                      {"region", beat.region},
                                      {"uptime_sec", beat.uptime_seconds},
                                      {"active_sessions", beat.active_sessions},
                                      {"cpu_load", beat.cpu_load},
                                      {"mem_load", beat.mem_load},
                                      {"bytes_up", beat.bytes_up},
                                      {"bytes_down", beat.bytes_down},
                                      {"last_error", beat.last_error},
                                      {"timestamp", beat.timestamp}});
}

std::string encode_notice(const rollout_notice& notice) {
  const auto& report = notice.report;
  json::array ids;
  for (const auto& id : report.key_ids) {
    ids.push_back(json::string(id));
  }
  const std::string_view reason =
      report.failure ? base::label_of(report.failure) : std::string_view();
  return json::serialize(json::object{{"rev", report.revision},
                                      {"state", report.failure ? "failed" : "running"},
                                      {"reason", reason},
                                      {"key_ids", std::move(ids)},
                                      {"timestamp", notice.timestamp}});
}

std::string encode_counters(const counter_report& report) {
  json::array rows;
  for (const auto& [id, traffic] : report.rows) {
    rows.push_back(to_row(id, traffic));
  }
  return json::serialize(json::object{
      {"epoch", report.epoch}, {"timestamp", report.timestamp}, {"rows", std::move(rows)}});
}

base::result<credential_notice> decode_heartbeat(std::string_view body) {
  HTTVPS_TRY(const auto answer, parse_object(body));
  credential_notice notice;
  HTTVPS_TRY(notice.lasts, seconds_field(answer, "credential_expires_s"));
  const auto* due = answer.if_contains("renew_credential");
  if (due != nullptr && !due->is_bool() && !due->is_null()) {
    return invalid();
  }
  notice.is_due = due != nullptr && due->is_bool() && due->get_bool();
  return notice;
}

base::result<renewed_credential> decode_renewal(std::string_view body) {
  HTTVPS_TRY(auto answer, parse_object(body));
  renewed_credential renewed;
  HTTVPS_TRY(renewed.credential, take_secret(answer, "credential"));
  if (renewed.credential.empty() || renewed.credential.size() > credential_most) {
    return invalid();
  }
  HTTVPS_TRY(renewed.lasts, seconds_field(answer, "expires_s"));
  return renewed;
}

std::string problem_code(std::string_view body) {
  const auto problem = parse_object(body);
  const auto code = problem ? text_field(*problem, "code") : base::fail(problem.error());
  return code.value_or("");
}

base::result<wanted_keys> decode_wanted(std::string_view body, const identity::box_key& key) {
  HTTVPS_TRY(const auto document, parse_object(body));
  wanted_keys wanted;
  HTTVPS_TRY(wanted.revision, number_field(document, "rev"));
  HTTVPS_TRY(wanted.node_id, text_field(document, "node_id"));
  HTTVPS_TRY(wanted.region, text_field(document, "region"));
  const auto* keys = document.if_contains("keys");
  if (keys == nullptr || !keys->is_array() || wanted.revision == 0 || !is_key_id(wanted.node_id) ||
      wanted.region.size() > region_most || keys->get_array().size() > keys_most) {
    return invalid();
  }
  for (const auto& each : keys->get_array()) {
    HTTVPS_TRY(auto decoded, decode_key(each, key));
    wanted.keys.push_back(std::move(decoded));
  }
  HTTVPS_CHECK(check(wanted));
  return wanted;
}

}
