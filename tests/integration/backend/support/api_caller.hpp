#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "httvps/identity/signing_key.hpp"
#include "httvps/net/http_message.hpp"

namespace httvps::testing {

using json_value = boost::json::value;
using json_object = boost::json::object;

struct api_answer {
  int status = 0;
  net::http_fields headers;
  std::string body;

  json_object json() const;
  std::string text(std::string_view field) const;
};

std::string text_at(const json_object& object, std::string_view field);

class api_caller {
 public:
  explicit api_caller(std::string address) : address_(std::move(address)) {}

  api_answer send(net::http_request request) const;
  api_answer get(std::string_view path, std::string_view credential) const;
  api_answer post(std::string_view path, std::string_view credential,
                  const json_object& content) const;

 private:
  std::string address_;
};

struct device_identity {
  const identity::signing_key& key;
  std::string token;
};

net::http_request proven_request(std::string_view method, std::string_view path,
                                 const device_identity& device);

}
