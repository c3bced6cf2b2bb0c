#pragma once

#include <map>

#include "command.hpp"
#include "httvps/net/http_message.hpp"

namespace httvps::ctl {

struct given_values {
  std::vector<std::string> names;
  std::map<std::string, std::vector<std::string>, std::less<>> flags;
  std::vector<std::string> unset;
  std::optional<json::object> data;
  std::string if_match;
  std::string idempotency_key;
};

struct query_item {
  std::string name;
  std::string value;
};

outcome<json::value> to_value(const field& one, std::string_view text);
outcome<json::object> to_body(const operation& runs, const given_values& given);
outcome<std::vector<query_item>> to_query(const operation& runs, const given_values& given);
std::string to_target(const operation& runs, const std::vector<std::string>& names,
                      const std::vector<query_item>& query);
outcome<json::object> parse_data(std::string_view text);

}
