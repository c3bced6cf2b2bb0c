#include "session.hpp"

#include <boost/json/parse.hpp>
#include <cstdlib>

namespace httvps::ctl {
namespace {

std::string first_of(std::initializer_list<std::string> texts) {
  for (const auto& text : texts) {
    if (!text.empty()) {
      return text;
    }
  }
  return {};
}

std::string variable(const char* name) {
  const auto* value = environment(name);
  return value == nullptr ? std::string() : std::string(value);
}

bool token_is_given(const global_options& chosen) {
  return !chosen.token_file.empty() || !variable("HTTVPS_ADMIN_TOKEN").empty();
}

outcome<base::secret_bytes> choose_token(const global_options& chosen, const profile& kept,
                                         const std::string& server) {
  if (!chosen.token_file.empty()) {
    return load_token_file(chosen.token_file);
  }
  if (const auto* given = environment("HTTVPS_ADMIN_TOKEN"); given != nullptr && *given != '\0') {
    return base::secret_bytes::from_text(given);
  }
  if (!kept.token.empty() && kept.server == server) {
    return kept.token;
  }
  return usage_error(
      "There is no token for this server. Run httvpsctl login, or name a file with --token-file.");
}

}

const char* environment(const char* name) {
  return std::getenv(name);
}

outcome<session> open_session(const global_options& chosen, token_need need) {
  HTTVPS_TRY(auto path, profile_path(environment));
  HTTVPS_TRY(auto kept, load_profile(path, chosen.profile_name));
  const auto server = first_of({chosen.server, variable("HTTVPS_ADMIN_SERVER"), kept.server});
  if (server.empty()) {
    return usage_error("Which server? Say --server https://..., or set HTTVPS_ADMIN_SERVER.");
  }
  const auto kept_authority = kept.server == server ? kept.ca_file : std::string();
  server_access access{.server = server,
                       .ca_file = first_of({chosen.ca_file, kept_authority}),
                       .plain = chosen.plain,
                       .patience = std::chrono::seconds(chosen.patience_s)};
  base::secret_bytes token;
  if (need == token_need::needed) {
    HTTVPS_TRY(token, choose_token(chosen, kept, server));
  }
  HTTVPS_TRY(auto client, api_client::open(access, std::move(token)));
  return session{.profile_file = std::move(path),
                 .kept = std::move(kept),
                 .access = std::move(access),
                 .client = std::move(client),
                 .uses_kept_token = need == token_need::needed && !token_is_given(chosen)};
}

bool is_success(const net::http_response& answer) noexcept {
  return answer.status >= 200 && answer.status <= 299;
}

outcome<json::value> parse_answer(const net::http_response& answer) {
  if (answer.body.empty()) {
    return json::value();
  }
  boost::system::error_code trouble;
  auto parsed = json::parse(answer.body, trouble);
  if (trouble) {
    return failure("The answer is no JSON: something else answers at that address.");
  }
  return parsed;
}

outcome<json::value> ask(api_client& client, const api_request& wanted) {
  HTTVPS_TRY(const auto answer, client.send(wanted));
  if (!is_success(answer)) {
    return std::unexpected(describe_problem(answer));
  }
  return parse_answer(answer);
}

}
