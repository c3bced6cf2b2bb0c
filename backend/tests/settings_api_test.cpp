#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>

#include "httvps/backend/core/settings.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/usage_roll_up.hpp"
#include "support/api_document.hpp"
#include "support/login_world.hpp"
#include "support/metered_world.hpp"
#include "usage_keeper.hpp"

namespace httvps::backend {
namespace {

namespace json = boost::json;

using namespace std::chrono_literals;
using std::chrono::days;
using test_support::api_reply;

std::int64_t number_in(const api_reply& reply, std::string_view name) {
  return json::parse(reply.body)
      .at(json::string_view(name.data(), name.size()))
      .to_number<std::int64_t>();
}

class SettingsByCall : public ::testing::Test {
 protected:
  api_reply show(const std::string& token) {
    return world.call({.target = "/api/v1/admin/settings", .token = token});
  }
  api_reply set(const std::string& token, const std::string& body, const std::string& match = {}) {
    net::http_fields headers;
    if (!match.empty()) {
      headers.add("If-Match", match);
    }
    return world.call({.method = "PATCH",
                       .target = "/api/v1/admin/settings",
                       .token = token,
                       .body = body,
                       .headers = std::move(headers)});
  }

  test_support::login_world world;
};

TEST_F(SettingsByCall, ShowWhatEachBackendWasStartedWithUntilSomethingIsStored) {
  const auto before = show(world.chief_token);
  ASSERT_EQ(before.status, 200) << before.body;
  EXPECT_EQ(number_in(before, "admin_rate"), 20);
  EXPECT_TRUE(json::parse(before.body).at("stored").as_array().empty());
  const auto changed = set(world.chief_token, R"({"admin_rate":50,"usage_hourly_days":60})");
  ASSERT_EQ(changed.status, 200) << changed.body;
  const auto after = show(world.chief_token);
  EXPECT_EQ(after.body, changed.body);
  EXPECT_EQ(number_in(after, "admin_rate"), 50);
  EXPECT_EQ(number_in(after, "usage_hourly_days"), 60);
  EXPECT_EQ(json::parse(after.body).at("stored"), (json::array{"admin_rate", "usage_hourly_days"}));
  const auto back = set(world.chief_token, R"({"admin_rate":null})");
  EXPECT_EQ(number_in(back, "admin_rate"), 20);
  EXPECT_EQ(json::parse(back.body).at("stored"), (json::array{"usage_hourly_days"}));
}

TEST_F(SettingsByCall, AdministratorsChangeAndTheOthersRead) {
  for (const auto role : {models::admin_role::read_only, models::admin_role::support}) {
    const auto token = world.token_of(role);
    EXPECT_EQ(show(token).status, 200);
    EXPECT_EQ(set(token, R"({"admin_rate":50})").code(), "role_denied");
  }
  const auto reader = world.token_of(models::admin_role::admin, {"settings:read"});
  EXPECT_EQ(show(reader).status, 200);
  EXPECT_EQ(set(reader, R"({"admin_rate":50})").code(), "scope_denied");
  EXPECT_EQ(number_in(show(world.chief_token), "admin_rate"), 20);
}

TEST_F(SettingsByCall, SessionNeedsARecentLogin) {
  world.add_account("Ada", models::admin_role::admin);
  const auto session = world.session_of("Ada");
  world.clock.advance(6min);
  EXPECT_EQ(show(session).status, 200);
  EXPECT_EQ(set(session, R"({"admin_rate":50})").code(), "step_up_needed");
  EXPECT_EQ(set(world.session_of("Ada"), R"({"admin_rate":50})").status, 200);
}

TEST_F(SettingsByCall, ConditionsHoldAgainstWhatIsStored) {
  const auto first = show(world.chief_token).header("ETag");
  ASSERT_FALSE(first.empty());
  EXPECT_EQ(set(world.chief_token, R"({"device_rate":3})", first).status, 200);
  const auto late = set(world.chief_token, R"({"device_rate":4})", first);
  EXPECT_EQ(late.code(), "precondition_failed");
  EXPECT_EQ(number_in(show(world.chief_token), "device_rate"), 3);
  const auto known =
      world.call({.target = "/api/v1/admin/settings",
                  .token = world.chief_token,
                  .headers = {{"If-None-Match", show(world.chief_token).header("ETag")}}});
  EXPECT_EQ(known.status, 304);
}

TEST_F(SettingsByCall, AuditLineHoldsBeforeAndAfterAndNothingChangedLeavesNone) {
  ASSERT_EQ(set(world.chief_token, R"({"signing_key_days":10})").status, 200);
  ASSERT_EQ(set(world.chief_token, R"({"signing_key_days":12})").status, 200);
  ASSERT_EQ(set(world.chief_token, R"({"signing_key_days":12})").status, 200);
  ASSERT_EQ(set(world.chief_token, "{}").status, 200);
  const auto lines = world.audit.newest({.action = "settings.change", .size = 10}).value().items;
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].object, "settings");
  EXPECT_EQ(lines[0].before, R"({"signing_key_days":10})");
  EXPECT_EQ(lines[0].after, R"({"signing_key_days":12})");
}

TEST_F(SettingsByCall, BoundsAreThoseOfTheConfigurationAndOfTheDescription) {
  const auto properties = core::backend_properties();
  const auto described = json::parse(world.api.openapi())
                             .at_pointer("/components/schemas/Settings/properties")
                             .as_object();
  for (const auto& rule : services::setting_rules) {
    const std::string name(rule.name);
    const auto& schema = described.at(name).as_object();
    EXPECT_EQ(schema.at("minimum").to_number<std::uint32_t>(), rule.least) << name;
    EXPECT_EQ(schema.at("maximum").to_number<std::uint32_t>(), rule.most) << name;
    const auto found = std::ranges::find(properties, "backend." + name, &base::property::name);
    ASSERT_NE(found, properties.end()) << name;
    EXPECT_EQ(found->least, rule.least) << name;
    EXPECT_EQ(found->most, rule.most) << name;
    const auto low =
        set(world.chief_token, "{\"" + name + "\":" + std::to_string(rule.least - 1) + "}");
    EXPECT_EQ(low.status, 422) << name;
    EXPECT_NE(low.body.find("\"/" + name + "\""), std::string::npos) << low.body;
  }
}

TEST_F(SettingsByCall, StoredValuesOutOfTheirBoundsAreNotUsed) {
  EXPECT_FALSE(services::parse_settings("[]"));
  EXPECT_FALSE(services::parse_settings("{"));
  const auto odd = services::parse_settings(
      R"({"admin_rate":0,"device_rate":"9","usage_session_hours":5,"signing_key_days":20,"x":1})");
  ASSERT_TRUE(odd);
  EXPECT_EQ(*odd, (services::stored_settings{.signing_key_days = 20}));
}

TEST_F(SettingsByCall, RatesHoldAtOnceHereAndAfterARoundAtAnotherBackend) {
  const services::settings_service other(world.tools, {});
  base::metric_registry metrics;
  const api::control_api there(world.services(),
                               {.clock = world.clock, .metrics = metrics, .log = {}});
  const auto follow = [](const services::settings_service& settings, const api::control_api& api) {
    settings.follow([&api](const services::live_settings& live) {
      api.use_rates({.of_admins = static_cast<double>(live.admin_rate),
                     .of_devices = static_cast<double>(live.device_rate)});
    });
  };
  follow(world.settings, world.api);
  follow(other, there);
  const auto policy_at = [&](const api::control_api& api) {
    net::http_request request{.target = "/api/v1/admin/users"};
    request.headers.add("Authorization", "Bearer " + world.chief_token);
    return std::string(api.respond(request).headers.find("RateLimit-Policy").value_or(""));
  };
  EXPECT_EQ(policy_at(world.api), R"("admin";q=40;w=2)");
  ASSERT_EQ(set(world.chief_token, R"({"admin_rate":3})").status, 200);
  EXPECT_EQ(policy_at(world.api), R"("admin";q=6;w=2)");
  EXPECT_EQ(policy_at(there), R"("admin";q=40;w=2)");
  ASSERT_TRUE(other.refresh());
  EXPECT_EQ(policy_at(there), R"("admin";q=6;w=2)");
}

TEST_F(SettingsByCall, LowerRateRefusesWhatTheFormerOneTook) {
  base::metric_registry metrics;
  const api::control_api api(world.services(),
                             {.clock = world.clock, .metrics = metrics, .log = {}});
  const auto calls_taken = [&] {
    world.clock.advance(1h);
    int taken = 0;
    for (int i = 0; i < 30; ++i) {
      net::http_request request{.target = "/api/v1/admin/users"};
      request.headers.add("Authorization", "Bearer " + world.chief_token);
      taken += api.respond(request).status == 200 ? 1 : 0;
    }
    return taken;
  };
  EXPECT_EQ(calls_taken(), 30);
  api.use_rates({.of_admins = 2, .of_devices = 2});
  EXPECT_EQ(calls_taken(), 4);
}

TEST_F(SettingsByCall, TermOfSigningKeysHoldsWithoutARestart) {
  world.settings.follow([this](const services::live_settings& live) {
    world.authority.use_term(days(live.signing_key_days));
  });
  const auto before = world.authority.history().newest().number;
  world.clock.advance(days(4));
  ASSERT_TRUE(world.authority.tend());
  EXPECT_EQ(world.authority.history().newest().number, before);
  ASSERT_EQ(set(world.chief_token, R"({"signing_key_days":3})").status, 200);
  ASSERT_TRUE(world.authority.tend());
  EXPECT_GT(world.authority.history().newest().number, before);
}

struct SettingsOfUsage : ::testing::Test, protected test_support::metered_world {};

TEST_F(SettingsOfUsage, RetentionHoldsWithoutARestart) {
  base::metric_registry metrics;
  core::usage_keeper keeper(world.tools, {.retention = {.journal = days(7), .hours = days(35)}},
                            {.metrics = metrics, .log = {}});
  ASSERT_TRUE(report(batch(1, {line(1, {.up = 100, .down = 50}, token)})));
  ASSERT_TRUE(keeper.roll_up());
  world.clock.advance(days(3));
  const auto forgotten = [&] {
    return metrics.expose().find("httvps_backend_usage_forgotten_batches_total 1") !=
           std::string::npos;
  };
  ASSERT_TRUE(keeper.tidy());
  EXPECT_FALSE(forgotten());
  keeper.use({.journal = days(2), .hours = days(35)}, {});
  ASSERT_TRUE(keeper.tidy());
  EXPECT_TRUE(forgotten());
}

}
}
