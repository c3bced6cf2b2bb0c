#include "call_outcome.hpp"

#include <algorithm>

namespace httvps::backend::api {
namespace {

constexpr std::size_t longest_instance = 256;

problem_place place_of_problem(const net::http_request& request) {
  const std::string_view target = request.target;
  return {.instance = target.substr(0, std::min<std::size_t>(target.find('?'), longest_instance)),
          .request_id = request.request_id};
}

}

outcome failed(const net::http_request& request, const problem& reason) {
  return {.response = to_response(reason, place_of_problem(request)),
          .code = reason.code,
          .route = unknown_route,
          .notes = {}};
}

net::http_response success(const route& found, plain_body body) {
  net::http_response response{.status = body.status.value_or(found.success)};
  if (!body.content_type.empty()) {
    response.headers.add("Content-Type", std::move(body.content_type));
  }
  const bool may_be_asked_again = body.headers.find("ETag").has_value();
  response.headers.add("Cache-Control", may_be_asked_again ? "private, no-cache" : "no-store");
  for (const auto& field : body.headers) {
    response.headers.add(field.name, field.value);
  }
  response.body = std::move(body.text);
  return response;
}

}
