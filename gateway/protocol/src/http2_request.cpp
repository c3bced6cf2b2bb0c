#include "http2_request.hpp"

#include <algorithm>
#include <utility>

#include "httvps/net/error.hpp"

namespace httvps::gateway {
namespace {

bool is_upper(char letter) noexcept {
  return letter >= 'A' && letter <= 'Z';
}

char lower(char letter) noexcept {
  return is_upper(letter) ? static_cast<char>(letter - 'A' + 'a') : letter;
}

struct pseudo_fields {
  std::string method;
  std::string scheme;
  std::string path;
  std::string authority;

  std::string* place_of(std::string_view name) {
    if (name == ":method") {
      return &method;
    }
    if (name == ":scheme") {
      return &scheme;
    }
    if (name == ":path") {
      return &path;
    }
    return name == ":authority" ? &authority : nullptr;
  }
};

base::result<> keep_pseudo(pseudo_fields& pseudo, const net::http_field& field) {
  auto* place = pseudo.place_of(field.name);
  if (place == nullptr || !place->empty() || field.value.empty()) {
    return base::fail(net::errc::http_bad_message);
  }
  *place = field.value;
  return {};
}

}

base::result<net::http_request> read_http2_request(const net::http_fields& fields) {
  pseudo_fields pseudo;
  net::http_request request;
  for (const auto& field : fields) {
    if (field.name.empty() || std::ranges::any_of(field.name, is_upper)) {
      return base::fail(net::errc::http2_frame_malformed);
    }
    if (field.name.starts_with(':')) {
      HTTVPS_CHECK(keep_pseudo(pseudo, field));
    } else {
      request.headers.add(field.name, field.value);
    }
  }
  const bool named = !pseudo.authority.empty() || request.headers.find("host");
  if (pseudo.method.empty() || pseudo.scheme.empty() || !pseudo.path.starts_with('/') || !named) {
    return base::fail(net::errc::http_bad_message);
  }
  request.method = std::move(pseudo.method);
  request.target = std::move(pseudo.path);
  return request;
}

net::http_fields http2_answer_fields(const net::http_response& response) {
  net::http_fields fields;
  fields.add(":status", std::to_string(response.status));
  for (const auto& field : response.headers) {
    auto name = field.name;
    std::ranges::transform(name, name.begin(), lower);
    if (name != "connection") {
      fields.add(std::move(name), field.value);
    }
  }
  return fields;
}

std::string joined_cookies(const net::http_fields& fields) {
  std::string joined;
  for (const auto& field : fields) {
    if (field.name == "cookie") {
      joined += (joined.empty() ? "" : "; ") + field.value;
    }
  }
  return joined;
}

}
