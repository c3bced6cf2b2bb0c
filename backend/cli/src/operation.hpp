#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "complaint.hpp"

namespace httvps::ctl {

namespace json = boost::json;

enum class value_kind { text, whole, number, flag, structure };

struct field {
  std::string name;
  std::string flag;
  std::string description;
  std::string format;
  value_kind kind = value_kind::text;
  bool is_list = false;
  bool is_required = false;
  bool is_nullable = false;
  std::vector<std::string> choices = {};
  std::optional<std::int64_t> least = std::nullopt;
  std::optional<std::int64_t> most = std::nullopt;

  bool is_secret() const noexcept { return format == "password"; }
};

enum class match_rule { none, allowed, required };

struct operation {
  std::string id;
  std::string method;
  std::string path;
  std::string summary;
  std::string role;
  std::vector<std::string> path_names;
  std::vector<field> query;
  std::vector<field> body;
  bool takes_body = false;
  bool needs_body = false;
  bool is_list = false;
  match_rule match = match_rule::none;
  bool takes_idempotency_key = false;
};

inline constexpr std::string_view admin_area = "/api/v1/admin/";

outcome<std::vector<operation>> read_operations(std::string_view document);
const json::value* member_of(const json::value& value, std::string_view name);
std::string text_of(const json::value& value, std::string_view name);
outcome<json::array> read_json_lines(std::string_view text);
std::string flag_name(std::string_view field_name);
std::string describe_field(const field& one);

}
