#include "httvps/net/http_message.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace httvps::net {
namespace {

constexpr std::array<std::pair<int, std::string_view>, 28> reasons = {{
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Payload Too Large"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Entity"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {507, "Insufficient Storage"},
}};

char lower(char letter) noexcept {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

std::string_view trimmed(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool breaks_line(char letter) noexcept {
  return letter == '\r' || letter == '\n' || letter == '\0';
}

void write_clean(std::string& out, std::string_view text) {
  for (const char letter : text) {
    out.push_back(breaks_line(letter) ? ' ' : letter);
  }
}

void write_fields(std::string& out, const http_fields& fields) {
  for (const auto& field : fields) {
    write_clean(out, field.name);
    out += ": ";
    write_clean(out, field.value);
    out += "\r\n";
  }
}

void write_length(std::string& out, std::size_t length) {
  out += "Content-Length: " + std::to_string(length) + "\r\n";
}

bool has_own_framing(const http_fields& fields) {
  return fields.find("Content-Length") || fields.find("Transfer-Encoding");
}

bool may_have_body(int status) noexcept {
  return status >= 200 && status != 204 && status != 304;
}

std::string version_text(int minor) {
  return minor == 0 ? "HTTP/1.0" : "HTTP/1.1";
}

}

bool equals_ignoring_case(std::string_view left, std::string_view right) noexcept {
  return std::ranges::equal(left, right,
                            [](char one, char other) { return lower(one) == lower(other); });
}

std::string_view reason_of(int status) noexcept {
  const auto* found = std::ranges::find(reasons, status, &std::pair<int, std::string_view>::first);
  return found == reasons.end() ? "Unknown" : found->second;
}

void http_fields::add(std::string name, std::string value) {
  fields_.push_back({.name = std::move(name), .value = std::move(value)});
}

void http_fields::set(std::string name, std::string value) {
  remove(name);
  add(std::move(name), std::move(value));
}

void http_fields::remove(std::string_view name) {
  std::erase_if(fields_,
                [name](const http_field& field) { return equals_ignoring_case(field.name, name); });
}

std::optional<std::string_view> http_fields::find(std::string_view name) const {
  for (const auto& field : fields_) {
    if (equals_ignoring_case(field.name, name)) {
      return field.value;
    }
  }
  return std::nullopt;
}

std::size_t http_fields::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      fields_, [name](const http_field& field) { return equals_ignoring_case(field.name, name); }));
}

bool http_fields::has_token(std::string_view name, std::string_view token) const {
  for (const auto& field : fields_) {
    if (!equals_ignoring_case(field.name, name)) {
      continue;
    }
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const auto comma = std::min(rest.find(','), rest.size());
      if (equals_ignoring_case(trimmed(rest.substr(0, comma)), token)) {
        return true;
      }
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

std::string serialise_head(const http_request& request) {
  std::string out;
  write_clean(out, request.method + " " + request.target);
  out += " " + version_text(request.minor_version) + "\r\n";
  write_fields(out, request.headers);
  const bool needs_length =
      !request.body.empty() || request.method == "POST" || request.method == "PUT";
  if (needs_length && !has_own_framing(request.headers)) {
    write_length(out, request.body.size());
  }
  return out + "\r\n";
}

std::string serialise_head(const http_response& response) {
  std::string out = version_text(response.minor_version) + " " + std::to_string(response.status);
  out += " ";
  write_clean(out, response.reason.empty() ? reason_of(response.status)
                                           : std::string_view(response.reason));
  out += "\r\n";
  write_fields(out, response.headers);
  if (may_have_body(response.status) && !has_own_framing(response.headers)) {
    write_length(out, response.body.size());
  }
  return out + "\r\n";
}

std::string serialise(const http_request& request) {
  return serialise_head(request) + request.body;
}

std::string serialise(const http_response& response) {
  return serialise_head(response) + response.body;
}

}
