#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <thread>

#include "audit_check.hpp"
#include "local_orders.hpp"

namespace httvps::ctl {
namespace {

constexpr std::string_view list_path = "/api/v1/admin/audit";
constexpr std::string_view export_path = "/api/v1/admin/audit:export";
constexpr auto follow_pause = std::chrono::seconds(2);
constexpr int lines_a_call = 5000;

std::int64_t number_of(const json::value& line) {
  const auto* seq = member_of(line, "seq");
  return seq != nullptr && seq->is_int64() ? seq->get_int64() : 0;
}

std::string sentence_of(const json::value& line) {
  const auto shown = [&](std::string_view name) { return printable(text_of(line, name)); };
  auto who = shown("actor_name");
  if (who.empty()) {
    who = shown("actor");
  }
  auto text = fmt::format("{} {} {} {} {}", shown("at"), number_of(line), who, shown("action"),
                          shown("object"));
  if (const auto detail = shown("detail"); !detail.empty()) {
    text += " " + detail;
  }
  return text;
}

outcome<> show_line(const json::value& line, output_form form) {
  if (form == output_form::table) {
    say(sentence_of(line));
  } else {
    show(line, form);
  }
  return flush_output();
}

outcome<json::array> newest(api_client& client, std::uint32_t count) {
  HTTVPS_TRY(const auto page,
             ask(client, {.target = fmt::format("{}?page_size={}", list_path, count)}));
  const auto* items = member_of(page, "items");
  if (items == nullptr || !items->is_array()) {
    return failure("The audit log is not readable.");
  }
  auto lines = items->get_array();
  std::ranges::reverse(lines);
  return lines;
}

outcome<json::array> exported(api_client& client, std::int64_t after) {
  HTTVPS_TRY(const auto answer,
             client.send({.target = fmt::format("{}?after={}&lines={}", export_path, after,
                                                lines_a_call)}));
  if (!is_success(answer)) {
    return std::unexpected(describe_problem(answer));
  }
  return read_json_lines(answer.body);
}

outcome<> follow(api_client& client, std::int64_t last, output_form form) {
  while (true) {
    std::this_thread::sleep_for(follow_pause);
    HTTVPS_TRY(const auto lines, exported(client, last));
    for (const auto& line : lines) {
      HTTVPS_CHECK(show_line(line, form));
      last = number_of(line);
    }
  }
}

}

outcome<> run_audit_tail(const global_options& chosen, const local_orders& order) {
  HTTVPS_TRY(auto opened, open_session(chosen, token_need::needed));
  HTTVPS_TRY(const auto lines, newest(opened.client, order.tail_lines));
  for (const auto& line : lines) {
    HTTVPS_CHECK(show_line(line, chosen.form));
  }
  if (order.follows == tail_end::stop) {
    return {};
  }
  return follow(opened.client, lines.empty() ? 0 : number_of(lines.back()), chosen.form);
}

outcome<> run_audit_verify(const global_options& chosen) {
  HTTVPS_TRY(auto opened, open_session(chosen, token_need::needed));
  audit_check check;
  while (true) {
    HTTVPS_TRY(const auto lines, exported(opened.client, check.last()));
    if (lines.empty()) {
      break;
    }
    for (const auto& line : lines) {
      HTTVPS_CHECK(check.add(line));
    }
  }
  say(fmt::format("{} lines are whole and follow each other; the last is {} with hash {}",
                  check.lines(), check.last(), printable(check.hash())));
  return {};
}

}
