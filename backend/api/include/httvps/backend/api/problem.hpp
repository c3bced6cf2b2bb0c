#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "httvps/backend/schemas/problem.hpp"
#include "httvps/net/http_message.hpp"

namespace httvps::backend::api {

struct problem {
  problem(std::error_code cause);
  problem(int http_status, std::string_view label, std::string_view sentence);

  static problem invalid_fields(std::vector<schemas::field_problem> found);

  int status = 500;
  std::string code;
  std::string detail;
  std::vector<schemas::field_problem> fields;
  std::optional<std::chrono::seconds> retry_after;
  net::http_fields headers;
};

template <typename Value>
using answer = std::expected<Value, problem>;

struct problem_place {
  std::string_view instance;
  std::string_view request_id;
};

net::http_response to_response(const problem& found, const problem_place& place);
std::string title_of(std::string_view code);

namespace problems {

problem route_not_found();
problem method_not_allowed();
problem unsupported_media_type();
problem rate_limited();
problem server_busy();
problem precondition_invalid();
problem precondition_required();
problem media_type_unsupported();

}

}
