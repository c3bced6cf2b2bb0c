#include "httvps/gateway/control/place_messages.hpp"

#include <boost/json.hpp>

namespace httvps::gateway {
namespace {

namespace json = boost::json;

json::array to_array(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

}

std::string encode_place(const gateway_place& place) {
  return json::serialize(json::object{{"region", place.region},
                                      {"host", place.host},
                                      {"addresses", to_array(place.addresses)},
                                      {"pins", to_array(place.pins)}});
}

}
