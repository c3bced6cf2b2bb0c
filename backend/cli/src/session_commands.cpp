#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "local_orders.hpp"
#include "terminal.hpp"

namespace httvps::ctl {
namespace {

constexpr std::string_view login_path = "/api/v1/admin/login";
constexpr std::string_view logout_path = "/api/v1/admin/logout";
constexpr std::string_view own_path = "/api/v1/admin/me";
constexpr int unauthorized = 401;

json::string_view to_json(std::string_view text) noexcept {
  return {text.data(), text.size()};
}

api_request login_request(const json::object& body) {
  return {.method = "POST", .target = std::string(login_path), .body = json::serialize(body)};
}

outcome<net::http_response> try_login(api_client& client, json::object body) {
  HTTVPS_TRY(auto answer, client.send(login_request(body)));
  if (problem_code(answer) != "totp_required") {
    return answer;
  }
  HTTVPS_TRY(const auto code, ask_secret("code of the authenticator"));
  body["code"] = to_json(code.reveal_text());
  return client.send(login_request(body));
}

outcome<> keep_token(const session& opened, const global_options& chosen, std::string_view token) {
  return save_profile(opened.profile_file, chosen.profile_name,
                      {.server = opened.access.server,
                       .ca_file = opened.access.ca_file,
                       .token = base::secret_bytes::from_text(token)});
}

}

outcome<> run_login(const global_options& chosen, const local_orders& order) {
  HTTVPS_TRY(auto opened, open_session(chosen, token_need::none));
  auto name = order.login_name;
  if (name.empty()) {
    HTTVPS_TRY(name, ask_line("name"));
  }
  HTTVPS_TRY(const auto password, ask_secret("password"));
  HTTVPS_TRY(
      const auto answer,
      try_login(opened.client, {{"name", name}, {"password", to_json(password.reveal_text())}}));
  if (!is_success(answer)) {
    return std::unexpected(describe_problem(answer));
  }
  HTTVPS_TRY(const auto told, parse_answer(answer));
  HTTVPS_CHECK(keep_token(opened, chosen, text_of(told, "token")));
  say(fmt::format("Logged in at {} as {} until {}.", printable(opened.access.server),
                  printable(text_of(told, "role")), printable(text_of(told, "expires_at"))));
  return {};
}

outcome<> run_logout(const global_options& chosen) {
  HTTVPS_TRY(auto opened, open_session(chosen, token_need::needed));
  HTTVPS_TRY(const auto answer,
             opened.client.send({.method = "POST", .target = std::string(logout_path)}));
  if (!is_success(answer) && answer.status != unauthorized) {
    return std::unexpected(describe_problem(answer));
  }
  if (!opened.uses_kept_token) {
    say("Logged out. The profile keeps its own token.");
    return {};
  }
  HTTVPS_CHECK(keep_token(opened, chosen, ""));
  say("Logged out.");
  return {};
}

outcome<> run_whoami(const global_options& chosen) {
  HTTVPS_TRY(auto opened, open_session(chosen, token_need::needed));
  HTTVPS_TRY(const auto answer, opened.client.send({.target = std::string(own_path)}));
  if (problem_code(answer) == "session_needed") {
    show(json::object{{"server", opened.access.server}, {"credential", "API token"}}, chosen.form);
    return {};
  }
  if (!is_success(answer)) {
    return std::unexpected(describe_problem(answer));
  }
  HTTVPS_TRY(const auto account, parse_answer(answer));
  show(account, chosen.form);
  return {};
}

outcome<> run_commands(const command_tree& tree, output_form form) {
  json::array rows;
  for (const auto& one : tree.commands) {
    rows.push_back(
        json::object{{"command", one.group.empty() ? one.verb : one.group + " " + one.verb},
                     {"method", one.runs.method},
                     {"path", one.runs.path},
                     {"role", one.runs.role.empty() ? json::value() : json::value(one.runs.role)}});
  }
  show(rows, form);
  return {};
}

}
