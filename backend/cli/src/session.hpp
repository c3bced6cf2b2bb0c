#pragma once

#include "api_client.hpp"
#include "output.hpp"
#include "profile.hpp"

namespace httvps::ctl {

struct global_options {
  std::string server;
  std::string profile_name = "default";
  std::string ca_file;
  std::string token_file;
  plain_http plain = plain_http::loopback_only;
  output_form form = output_form::table;
  std::uint32_t patience_s = 30;
};

struct session {
  std::string profile_file;
  profile kept;
  server_access access;
  api_client client;
  bool uses_kept_token = false;
};

enum class token_need { needed, none };

const char* environment(const char* name);
outcome<session> open_session(const global_options& chosen, token_need need);
outcome<json::value> parse_answer(const net::http_response& answer);
outcome<json::value> ask(api_client& client, const api_request& wanted);
complaint describe_problem(const net::http_response& answer);
bool is_success(const net::http_response& answer) noexcept;
std::string problem_code(const net::http_response& answer);

}
