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

}
