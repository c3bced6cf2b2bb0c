#pragma once

#include "route.hpp"

namespace httvps::backend::api {

inline constexpr std::string_view unknown_route = "unknown";

struct outcome {
  net::http_response response;
  std::string code = "ok";
  std::string_view route = unknown_route;
  call_notes notes;
  std::optional<held_poll> held = std::nullopt;
};

outcome failed(const net::http_request& request, const problem& reason);
net::http_response success(const route& found, plain_body body);

}
