#include "api_callers.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <stdexcept>

#include "httvps/base/encoding.hpp"
#include "httvps/identity/device_proof.hpp"

namespace httvps::backend::test_support {
namespace {

constexpr std::string_view id_mark = "{id}";
constexpr std::uint32_t first_address = 0x0a000000;

std::string address_of(std::uint32_t number) {
  const auto all = first_address + number;
  return fmt::format("{}.{}.{}.{}", all >> 24U, (all >> 16U) & 0xffU, (all >> 8U) & 0xffU,
                     all & 0xffU);
}

std::string area_of(const std::string& path) {
  const auto mark = path.find(id_mark);
  const auto begin = path.rfind('/', mark - 2) + 1;
  return path.substr(begin, mark - 1 - begin);
}

}

api_callers::api_callers(api_world& world)
    : world_(world),
      user_(world.add_user()),
      joined_((world.subscribe(user_, world.add_plan({.device_limit = 8})), world.join())),
      device_(world.enrol(user_, joined_.gateway)),
      node_credential_(node_credential_of("orchard")) {
  ids_ = {{"users", user_.id.text()},
          {"gateways", joined_.gateway.id.text()},
          {"devices", device_.answer.device.id.text()},
          {"regions", "eu"}};
}

std::string api_callers::node_credential_of(const std::string& name) {
  const auto made =
      world_.call({.method = "POST",
                   .target = "/api/v1/admin/nodes",
                   .token = world_.chief_token,
                   .body = fmt::format(
                       R"({{"name":"{}","region":"eu","host":"192.0.2.8","port":8388}})", name)});
  if (made.status != 201) {
    throw std::runtime_error("no node was made: " + made.body);
  }
  return made.text("credential");
}

std::string api_callers::target_of(const api_operation& one, const std::string& about) const {
  auto target = one.path;
  if (const auto mark = target.find(id_mark); mark != std::string::npos) {
    const auto known = ids_.find(area_of(one.path));
    const auto usual = known == ids_.end() ? "x_0" : known->second;
    target.replace(mark, id_mark.size(), about.empty() ? usual : about);
  }
  return target;
}

void api_callers::sign(const api_operation& one, const std::string& admin_token,
                       api_request& made) {
  const auto gateway = std::string(joined_.credential.reveal_text());
  if (one.is_secured_by("adminToken")) {
    made.token = admin_token.empty() ? world_.chief_token : admin_token;
  } else if (one.is_secured_by("gatewayCredential")) {
    made.token = gateway;
  } else if (one.is_secured_by("nodeCredential")) {
    made.token = node_credential_;
  }
  if (one.is_secured_by("forwardingGateway")) {
    made.headers.add("X-HTTVPS-Gateway", "Bearer " + gateway);
  }
  if (one.is_secured_by("deviceProof")) {
    const auto proof = identity::build_device_proof(
        {.method = one.method, .path = made.target, .body = base::as_bytes(made.body)},
        {.token = device_.answer.token, .device = device_.key, .now = world_.clock.system_now()});
    made.headers.add("Authorization", proof.value());
  }
}

api_reply api_callers::call(const api_operation& one, const caller_request& sent) {
  const auto target = target_of(one, sent.about) + sent.query;
  api_request made{.method = one.method,
                   .target = target,
                   .body = sent.body,
                   .peer = address_of(++calls_),
                   .headers = {{"Content-Type", "application/json"}}};
  if (one.parameter("header", "If-Match") != nullptr) {
    made.headers.add("If-Match", sent.if_match);
  }
  if (one.parameter("header", "Idempotency-Key") != nullptr) {
    made.headers.add("Idempotency-Key",
                     sent.key.empty() ? fmt::format("key-{}", calls_) : sent.key);
  }
  sign(one, sent.admin_token, made);
  return world_.call(made);
}

}
