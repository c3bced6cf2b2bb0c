#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace httvps::net {

struct http_field {
  std::string name;
  std::string value;
};

class http_fields {
 public:
  http_fields() = default;
  http_fields(std::initializer_list<http_field> fields) : fields_(fields) {}

  void add(std::string name, std::string value);
  void set(std::string name, std::string value);
  void remove(std::string_view name);
  std::optional<std::string_view> find(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  bool has_token(std::string_view name, std::string_view token) const;

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }
  bool empty() const { return fields_.empty(); }

 private:
  std::vector<http_field> fields_;
};

struct http_request {
  std::string method = "GET";
  std::string target = "/";
  int minor_version = 1;
  http_fields headers = {};
  std::string body = {};
  std::string peer_address = {};
  std::string request_id = {};
};

struct http_response {
  int status = 200;
  std::string reason = {};
  int minor_version = 1;
  http_fields headers = {};
  std::string body = {};
};

bool equals_ignoring_case(std::string_view left, std::string_view right) noexcept;
std::string_view reason_of(int status) noexcept;
std::string serialise_head(const http_request& request);
std::string serialise_head(const http_response& response);
std::string serialise(const http_request& request);
std::string serialise(const http_response& response);

}
