#include "httvps/gateway/control/session_messages.hpp"

#include <boost/json.hpp>

#include "httvps/gateway/control/errc.hpp"
#include "json_fields.hpp"

namespace httvps::gateway {
namespace {

namespace json = boost::json;

constexpr std::size_t session_letters = 16;

json::array rows_of(const std::vector<told_session>& sessions) {
  json::array rows;
  for (const auto& each : sessions) {
    rows.push_back(json::object{{"session", each.session}, {"device_id", each.device_id}});
  }
  return rows;
}

}

std::string encode_sessions(const session_report& report) {
  return json::serialize(json::object{{"epoch", report.epoch},
                                      {"roll", report.roll},
                                      {"seq", report.sequence},
                                      {"held", rows_of(report.held)},
                                      {"ended", rows_of(report.ended)}});
}

base::result<session_report_answer> decode_sessions(std::string_view body) {
  HTTVPS_TRY(const auto answer, parse_object(body));
  session_report_answer heard;
  HTTVPS_TRY(heard.in_step, flag_field(answer, "in_step"));
  const auto* listed = answer.if_contains("end");
  if (listed == nullptr || !listed->is_array() || listed->get_array().size() > told_sessions_most) {
    return base::fail(control_errc::backend_answer_invalid);
  }
  for (const auto& each : listed->get_array()) {
    if (!each.is_string() || each.get_string().size() != session_letters) {
      return base::fail(control_errc::backend_answer_invalid);
    }
    heard.to_end.emplace_back(each.get_string());
  }
  return heard;
}

}
