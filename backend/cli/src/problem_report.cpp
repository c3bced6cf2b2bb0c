#include <fmt/format.h>

#include <algorithm>

#include "session.hpp"

namespace httvps::ctl {
namespace {

constexpr int unauthorized = 401;
constexpr int forbidden = 403;
constexpr int not_found = 404;

struct advice_entry {
  std::string_view code;
  std::string_view advice;
};

constexpr advice_entry advice_by_code[] = {
    {"role_denied", "Ask for an account or token with a higher role."},
    {"scope_denied", "Ask for a token whose scopes cover this."},
    {"session_needed", "Run httvpsctl login: an API token has no account of its own."},
    {"step_up_needed", "Run httvpsctl login and repeat the command within 5 minutes."},
    {"last_admin", "Make another administrator first: httvpsctl admin create --role admin."},
    {"login_refused", "Check name and password; the clock matters for the code."},
    {"totp_required", "Run httvpsctl login and give the code of the authenticator."},
    {"passwords_busy", "Try again in a few seconds."},
    {"etag_mismatch", "Somebody changed it meanwhile: get it again and repeat."},
    {"precondition_failed", "Somebody changed it meanwhile: get it again and repeat."},
    {"precondition_required", "Say --if-match ETAG."},
    {"schema_too_old", "Run httvps-backend migrate up on the server."},
    {"storage_full", "Free room on the disk of the database; nothing was written."},
    {"invalid_request", "The command with --help shows the bounds."},
};

struct advice_for_status {
  int status;
  std::string_view advice;
};

constexpr advice_for_status advice_by_status[] = {
    {unauthorized, "Run httvpsctl login, or name another token with --token-file."},
    {forbidden, "Ask for an account or token with more rights."},
    {not_found, "Check the id; the list command of the same kind shows all."},
    {409, "Look at it with get or list: it is not in a state for this."},
    {412, "Somebody changed it meanwhile: get it again and repeat."},
    {413, "Make the request smaller."},
    {422, "The command with --help shows the bounds."},
    {428, "Say --if-match ETAG."},
    {500, "Look for the request id in the log of the backend."},
    {503, "Try again in a few seconds; httvpsctl doctor tells more."},
    {507, "Free room on the disk of the database; nothing was written."},
};

std::string advice_of(const net::http_response& answer, std::string_view code) {
  if (const auto wait = answer.headers.find("Retry-After"); wait && answer.status == 429) {
    return fmt::format("Try again in {} s.", printable(*wait));
  }
  const auto* const known = std::ranges::find(advice_by_code, code, &advice_entry::code);
  if (known != std::end(advice_by_code)) {
    return std::string(known->advice);
  }
  const auto* const general =
      std::ranges::find(advice_by_status, answer.status, &advice_for_status::status);
  return general == std::end(advice_by_status) ? std::string() : std::string(general->advice);
}

std::string fields_of(const json::value& problem) {
  std::string lines;
  const auto* errors = member_of(problem, "errors");
  if (errors == nullptr || !errors->is_array()) {
    return lines;
  }
  for (const auto& one : errors->get_array()) {
    lines += fmt::format("\n  {}: {} ({})", printable(text_of(one, "pointer")),
                         printable(text_of(one, "detail")), printable(text_of(one, "code")));
  }
  return lines;
}

}

std::string problem_code(const net::http_response& answer) {
  const auto problem = parse_answer(answer);
  return problem ? text_of(*problem, "code") : std::string();
}

complaint describe_problem(const net::http_response& answer) {
  const auto problem = parse_answer(answer).value_or(json::value());
  const auto code = text_of(problem, "code");
  const auto detail = text_of(problem, "detail");
  const auto title = text_of(problem, "title");
  auto sentence = detail.empty() ? title : detail;
  if (sentence.empty()) {
    sentence = fmt::format("The server answered {}.", answer.status);
  }
  auto text = code.empty() ? printable(sentence)
                           : fmt::format("{} ({})", printable(sentence), printable(code));
  text += fields_of(problem);
  if (const auto id = text_of(problem, "request_id"); !id.empty()) {
    text += fmt::format("\n  request id: {}", printable(id));
  }
  if (const auto advice = advice_of(answer, code); !advice.empty()) {
    text += fmt::format("\n  next: {}", advice);
  }
  const bool is_missing = answer.status == not_found && !code.empty();
  return {.code = is_missing ? exit_code::not_found : exit_code::failed, .text = std::move(text)};
}

}
