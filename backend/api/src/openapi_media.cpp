#include "openapi_media.hpp"

#include <utility>

namespace httvps::backend::api {

namespace json = boost::json;

json::string_view to_json(std::string_view text) {
  return {text.data(), text.size()};
}

json::object content_of(std::string_view type, json::object schema) {
  json::object media;
  media[to_json(type)] = json::object{{"schema", std::move(schema)}};
  return media;
}

}
