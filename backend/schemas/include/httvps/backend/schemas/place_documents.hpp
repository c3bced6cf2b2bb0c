#pragma once

#include "httvps/backend/schemas/gateway_documents.hpp"

namespace httvps::backend::schemas {

struct place_request {
  static constexpr std::string_view schema_name = "GatewayPlaceRequest";

  region_code region;
  host_name host;
  address_list addresses;
  list<bytes_text<32>, length_range{1, 2}> pins;
};
BOOST_DESCRIBE_STRUCT(place_request, (), (region, host, addresses, pins))

struct place_answer {
  static constexpr std::string_view schema_name = "GatewayPlaceAnswer";

  models::gateway_state state = models::gateway_state::pending;
};
BOOST_DESCRIBE_STRUCT(place_answer, (), (state))

}
