#pragma once

#include <boost/json/parse.hpp>
#include <string>
#include <string_view>

#include "httvps/backend/schemas/account_documents.hpp"

namespace httvps::backend::schemas {

struct stored_document {
  std::string json;
};

template <>
struct codec<stored_document> {
  static json_value write(const stored_document& from) {
    boost::system::error_code failure;
    auto value = boost::json::parse(from.json, failure);
    return failure ? json_value(nullptr) : value;
  }
  static json_object schema(component_set&) {
    return {{"type", boost::json::array{"object", "null"}}};
  }
};

struct audit_line_view {
  static constexpr std::string_view schema_name = "AuditLine";

  whole<number_range{1, largest_number}> seq;
  models::audit_id id;
  moment at;
  whole<number_range{0, largest_number}> at_us;
  text<length_range{0, 64}> actor;
  text<length_range{0, 64}> actor_name;
  text<length_range{0, 64}> token;
  text<length_range{0, 64}> address;
  text<length_range{0, 64}> request_id;
  text<length_range{1, 64}> action;
  text<length_range{0, 128}> object;
  text<length_range{0, 1000}> detail;
  stored_document before;
  stored_document after;
  text<length_range{64, 64}, hex_format> previous_hash;
  text<length_range{64, 64}, hex_format> hash;
};
BOOST_DESCRIBE_STRUCT(audit_line_view, (),
                      (seq, id, at, at_us, actor, actor_name, token, address, request_id, action,
                       object, detail, before, after, previous_hash, hash))

struct audit_page {
  static constexpr std::string_view schema_name = "AuditPage";

  page_items<audit_line_view> items;
  page_token next_page_token;
};
BOOST_DESCRIBE_STRUCT(audit_page, (), (items, next_page_token))

}
