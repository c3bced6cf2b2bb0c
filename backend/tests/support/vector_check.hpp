#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "httvps/backend/schemas/document.hpp"

namespace httvps::backend::test_support {

namespace json = boost::json;

inline json::array vector_exchanges(const std::string& name) {
  std::ifstream file(HTTVPS_SOURCE_DIR "/tests/vectors/" + name);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return json::parse(text).at("exchanges").as_array();
}

inline json::value without_nulls(const json::value& value) {
  if (const auto* object = value.if_object()) {
    json::object kept;
    for (const auto& member : *object) {
      if (!member.value().is_null()) {
        kept[member.key()] = without_nulls(member.value());
      }
    }
    return kept;
  }
  if (const auto* list = value.if_array()) {
    json::array kept;
    for (const auto& item : *list) {
      kept.push_back(without_nulls(item));
    }
    return kept;
  }
  return value;
}

template <typename Document>
std::string round_trip(const json::value& example) {
  const auto document = schemas::read_document<Document>(json::serialize(example));
  if (!document) {
    return document.error().front().pointer + " " + document.error().front().code;
  }
  const auto written = without_nulls(json::parse(schemas::write_document(*document)));
  return written == without_nulls(example) ? "same" : json::serialize(written);
}

using checker = std::function<std::string(const json::value&)>;

struct operation_checks {
  checker request;
  checker answer;
};

}
