#include "openapi_security.hpp"

#include "openapi_media.hpp"

namespace httvps::backend::api {

namespace json = boost::json;

json::array security_of(access wanted) {
  switch (wanted) {
    case access::open:
    case access::login:
    case access::joining:
      return {};
    case access::read_only:
    case access::support:
    case access::admin:
      return {json::object{{"adminToken", json::array()}}};
    case access::gateway:
    case access::waiting_gateway:
      return {json::object{{"gatewayCredential", json::array()}}};
    case access::gateway_of_device:
      return {json::object{{"forwardingGateway", json::array()}}};
    case access::device:
      return {json::object{{"forwardingGateway", json::array()}, {"deviceProof", json::array()}}};
    case access::node:
      return {json::object{{"nodeCredential", json::array()}}};
  }
  return {};
}

json::object security_schemes() {
  const auto bearer = [](std::string_view description) {
    return json::object{
        {"type", "http"}, {"scheme", "bearer"}, {"description", to_json(description)}};
  };
  return {
      {"adminToken", bearer("API token of an administrator, htv_ and 36 letters.")},
      {"gatewayCredential", bearer("Credential from the join answer, htg_ and 36 letters.")},
      {"nodeCredential", bearer("Credential shown once when the node was made, htn_...")},
      {"forwardingGateway",
       json::object{{"type", "apiKey"},
                    {"in", "header"},
                    {"name", "X-HTTVPS-Gateway"},
                    {"description", "Bearer and the credential of the gateway that forwards."}}},
      {"deviceProof",
       json::object{
           {"type", "apiKey"},
           {"in", "header"},
           {"name", "Authorization"},
           {"description", "HTTVPS-Device TOKEN~UNIX_SECONDS~SIGNATURE over the request."}}},
  };
}

}
