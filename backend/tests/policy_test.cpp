#include "httvps/identity/policy.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "httvps/backend/services/restored_versions.hpp"
#include "support/api_world.hpp"
#include "support/stored_database.hpp"

namespace httvps::backend {
namespace {

namespace json = boost::json;

using test_support::api_reply;
using test_support::api_world;
using test_support::find_setting;

constexpr auto policy_path = "/api/v1/admin/policy";

class Policy : public testing::Test {
 protected:
  api_reply show() { return world.call({.target = policy_path, .token = world.chief_token}); }
  api_reply set(const std::string& body, const std::string& match = {}) {
    net::http_fields headers;
    if (!match.empty()) {
      headers.add("If-Match", match);
    }
    return world.call({.method = "PATCH",
                       .target = policy_path,
                       .token = world.chief_token,
                       .body = body,
                       .headers = std::move(headers)});
  }
  services::gateway_config told() {
    return world.gateways.config(joined.gateway, std::nullopt).value().value();
  }
  identity::policy_claims signed_policy() {
    const auto now = world.clock.system_now();
    const auto known = told();
    const auto keys =
        identity::key_set::verify(known.key_set, {.root = world.root.public_part(), .now = now});
    return identity::verify_policy(known.policy, {.keys = keys.value(), .now = now}).value();
  }

  api_world world;
  services::joined_gateway joined = world.join();
};

TEST_F(Policy, IsThatOfTheProtocolUntilItIsChanged) {
  const auto shown = json::parse(show().body);
  EXPECT_EQ(shown.at("version").to_number<int>(), 1);
  EXPECT_EQ(shown.at("carriers_most").to_number<int>(), 3);
  EXPECT_EQ(shown.at("keepalive_least_s").to_number<int>(), 25);
  EXPECT_EQ(shown.at("keepalive_most_s").to_number<int>(), 45);
  EXPECT_EQ(shown.at("carrier_age_least_s").to_number<int>(), 1800);
  EXPECT_EQ(shown.at("carrier_age_most_s").to_number<int>(), 3000);
  EXPECT_EQ(shown.at("carrier_idle_s").to_number<int>(), 60);
  EXPECT_EQ(signed_policy().version, 1U);
  EXPECT_EQ(signed_policy().shape, identity::traffic_shape{});
}

TEST_F(Policy, ChangeReachesTheGatewaysSignedWithAHigherVersion) {
  const auto before = told();
  const auto changed = set(R"({"carriers_most":2,"keepalive_least_s":12,"keepalive_most_s":20})");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(json::parse(changed.body).at("version").to_number<int>(), 2);
  EXPECT_EQ(show().body, changed.body);
  const auto now = signed_policy();
  EXPECT_EQ(now.version, 2U);
  EXPECT_EQ(now.shape.carriers_most, 2U);
  EXPECT_EQ(now.shape.keepalive.least, std::chrono::seconds(12));
  EXPECT_EQ(now.shape.keepalive.most, std::chrono::seconds(20));
  EXPECT_EQ(now.shape.carrier_idle, std::chrono::seconds(60));
  EXPECT_GT(told().rev, before.rev);
  EXPECT_TRUE(world.gateways.config(joined.gateway, before.rev).value());
}

TEST_F(Policy, ChangeThatChangesNothingKeepsTheVersionAndLeavesNoLine) {
  ASSERT_EQ(set(R"({"carrier_idle_s":30})").status, 200);
  ASSERT_EQ(set(R"({"carrier_idle_s":30})").status, 200);
  ASSERT_EQ(set("{}").status, 200);
  EXPECT_EQ(signed_policy().version, 2U);
  const auto lines = world.audit.newest({.action = "policy.change", .size = 10}).value().items;
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines.front().object, "policy");
  EXPECT_NE(lines.front().before.find(R"("carrier_idle_s":60)"), std::string::npos);
  EXPECT_NE(lines.front().after.find(R"("carrier_idle_s":30)"), std::string::npos);
}

TEST_F(Policy, BoundsAreThoseThatClientsCheck) {
  struct bound {
    std::string name;
    std::int64_t least;
    std::int64_t most;
  };
  const bound bounds[] = {{"carriers_most", 1, identity::policy_carriers_most},
                          {"keepalive_least_s", identity::keepalive_bounds.least.count(),
                           identity::keepalive_bounds.most.count()},
                          {"carrier_age_most_s", identity::carrier_age_bounds.least.count(),
                           identity::carrier_age_bounds.most.count()},
                          {"carrier_idle_s", identity::carrier_idle_bounds.least.count(),
                           identity::carrier_idle_bounds.most.count()}};
  const auto described = json::parse(world.api.openapi())
                             .at_pointer("/components/schemas/Policy/properties")
                             .as_object();
  for (const auto& each : bounds) {
    const auto& schema = described.at(each.name).as_object();
    EXPECT_EQ(schema.at("minimum").to_number<std::int64_t>(), each.least) << each.name;
    EXPECT_EQ(schema.at("maximum").to_number<std::int64_t>(), each.most) << each.name;
    const auto reply = set("{\"" + each.name + "\":" + std::to_string(each.most + 1) + "}");
    EXPECT_EQ(reply.status, 422);
    EXPECT_NE(reply.body.find("\"/" + each.name + "\""), std::string::npos) << reply.body;
  }
  EXPECT_EQ(signed_policy().version, 1U);
}

TEST_F(Policy, RangesThatAreReversedAreNamedWithTheirField) {
  const auto keepalive = set(R"({"keepalive_least_s":50})");
  EXPECT_EQ(keepalive.status, 422);
  EXPECT_NE(keepalive.body.find("\"/keepalive_least_s\""), std::string::npos) << keepalive.body;
  EXPECT_NE(keepalive.body.find("\"keepalive_reversed\""), std::string::npos);
  const auto age = set(R"({"carrier_age_most_s":1799})");
  EXPECT_EQ(age.status, 422);
  EXPECT_NE(age.body.find("\"carrier_age_reversed\""), std::string::npos) << age.body;
  EXPECT_EQ(signed_policy().version, 1U);
}

TEST_F(Policy, AdministratorsChangeAndTheOthersRead) {
  for (const auto role : {models::admin_role::read_only, models::admin_role::support}) {
    const auto token = world.token_of(role);
    EXPECT_EQ(world.call({.target = policy_path, .token = token}).status, 200);
    EXPECT_EQ(world
                  .call({.method = "PATCH",
                         .target = policy_path,
                         .token = token,
                         .body = R"({"carrier_idle_s":30})"})
                  .code(),
              "role_denied");
  }
}

TEST_F(Policy, ConditionsHoldAgainstWhatIsStored) {
  const auto first = show().header("ETag");
  ASSERT_FALSE(first.empty());
  EXPECT_EQ(set(R"({"carrier_idle_s":30})", first).status, 200);
  EXPECT_EQ(set(R"({"carrier_idle_s":40})", first).code(), "precondition_failed");
}

TEST_F(Policy, VersionGrowsOverARestore) {
  const auto now = world.clock.system_now();
  ASSERT_EQ(set(R"({"carrier_idle_s":30})").status, 200);
  ASSERT_TRUE(services::outgrow_earlier_versions(*world.store, now));
  const auto floor = static_cast<std::uint64_t>(base::to_unix_seconds(now));
  EXPECT_EQ(find_setting(*world.store, "policy_version"), std::to_string(floor));
  EXPECT_EQ(signed_policy().version, floor);
  EXPECT_EQ(signed_policy().shape.carrier_idle, std::chrono::seconds(30));
  ASSERT_EQ(set(R"({"carrier_idle_s":40})").status, 200);
  EXPECT_EQ(signed_policy().version, floor + 1);
}

}
}
