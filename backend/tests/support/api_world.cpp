#include "api_world.hpp"

#include <boost/json/parse.hpp>
#include <stdexcept>

#include "httvps/backend/services/bootstrap.hpp"
#include "kept_token.hpp"

namespace httvps::backend::test_support {

api::service_set api_world::services() {
  auto& world = *this;
  return {.access = world.access,
          .admin_tokens = world.admin_tokens,
          .admins = world.admins,
          .sessions = world.sessions,
          .audit = world.audit,
          .accounts = world.accounts,
          .credentials = world.credentials,
          .devices = world.devices,
          .gateways = world.gateways,
          .keys = world.keys,
          .nodes = world.nodes,
          .fleet = world.fleet,
          .idempotency = world.idempotency,
          .policies = world.policies,
          .quota = world.quota,
          .refusals = world.refusals,
          .settings = world.settings,
          .trust = world.trust,
          .usage = world.usage,
          .usage_proof = world.proof,
          .validation = world.validation,
          .withdrawals = world.withdrawals,
          .authority = world.authority,
          .storage = *world.store};
}

std::string api_reply::text(std::string_view member) const {
  const auto document = boost::json::parse(body).as_object();
  const auto* found = document.if_contains(boost::json::string_view(member.data(), member.size()));
  return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
}

api_world::api_world()
    : chief_token(first_token()),
      api(services(), {.clock = clock,
                       .metrics = metrics,
                       .log = {},
                       .admin_limit = {.burst = 1e6, .per_second = 1e6},
                       .device_limit = {.burst = 1e6, .per_second = 1e6}}) {
  auto known = access.admin(chief_token, "request-1");
  if (!known) {
    throw std::runtime_error("the first token is not known");
  }
  chief = *std::move(known);
}

std::string api_world::first_token() {
  kept_token keeper;
  const auto made =
      services::ensure_admin_token({.storage = *store, .clock = clock, .random = random}, keeper);
  if (!made) {
    throw std::runtime_error(std::string(base::label_of(made.error())));
  }
  return std::string(keeper.kept->reveal_text());
}

std::string api_world::token_of(models::admin_role role, const std::vector<std::string>& scopes) {
  const auto made =
      admin_tokens.create(chief, {.name = "made by a test", .role = role, .scopes = scopes});
  if (!made) {
    throw std::runtime_error(std::string(base::label_of(made.error())));
  }
  return std::string(made->secret.reveal_text());
}

api_reply api_world::call(const api_request& wanted) const {
  net::http_request request{.method = wanted.method,
                            .target = wanted.target,
                            .headers = wanted.headers,
                            .body = wanted.body,
                            .peer_address = wanted.peer,
                            .request_id = "request-1"};
  if (!wanted.token.empty()) {
    request.headers.add("Authorization", "Bearer " + wanted.token);
  }
  auto response = api.respond(request);
  return {.status = response.status,
          .body = std::move(response.body),
          .headers = std::move(response.headers)};
}

}
