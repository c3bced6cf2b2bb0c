#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "httvps/backend/schemas/quota_documents.hpp"
#include "support/deployment.hpp"
#include "support/vector_check.hpp"

namespace httvps::backend {
namespace {

namespace json = boost::json;

template <typename Document>
json::value round_trip(const json::value& example) {
  const auto document = schemas::read_document<Document>(json::serialize(example));
  return document ? json::parse(schemas::write_document(*document))
                  : json::value(document.error().front().code);
}

constexpr base::byte_count quota_of_first = 1'073'741'824;
constexpr base::byte_count quota_of_second = 8'400'000;
constexpr base::byte_count quota_of_third = 51'000'000;

class QuotaVectors : public testing::Test {
 protected:
  models::subscription_id subscribe(const std::string& name, base::byte_count quota) {
    const auto terms = world.add_plan({.code = name, .quota_bytes = quota});
    const auto user = world.add_user(name);
    const auto subscription = world.subscribe(user, terms).subject.id;
    tokens.emplace(subscription.text(), world.enrol(user, gateway).answer.token);
    return subscription;
  }

  std::vector<services::granted_lease> replay(const json::value& request) {
    const auto body = schemas::read_document<schemas::lease_request>(json::serialize(request));
    services::lease_order order{.epoch = body->epoch.value, .items = {}};
    for (const auto& item : body->items.items) {
      const auto& subscription = subscriptions[item.subscription.text()];
      order.items.push_back(
          {.subscription = subscription,
           .used = item.used_of_lease.as<base::byte_count>(),
           .want = item.want.as<base::byte_count>(),
           .token = item.token ? std::optional(tokens[subscription.text()]) : std::nullopt});
    }
    return world.quota.lease(gateway, order).value();
  }

  test_support::deployment world;
  models::gateway gateway = world.join().gateway;
  std::map<std::string, std::string> tokens;
  std::map<std::string, models::subscription_id> subscriptions = {
      {"sub_01m8059g52fbhb5kx2cz3d0pks", subscribe("first", quota_of_first)},
      {"sub_01m8059g52fbhb5kx2cz3d0pkt", subscribe("second", quota_of_second)},
      {"sub_01m8059g52fbhb5kx2cz3d0pkv", subscribe("third", quota_of_third)}};
};

TEST_F(QuotaVectors, FitTheSchemas) {
  for (const auto& each : test_support::vector_exchanges("quota_leases.json")) {
    EXPECT_EQ(round_trip<schemas::lease_request>(each.at("request")), each.at("request"));
    EXPECT_EQ(round_trip<schemas::lease_answer>(each.at("response")), each.at("response"));
  }
}

TEST_F(QuotaVectors, AreWhatTheServiceAnswers) {
  for (const auto& each : test_support::vector_exchanges("quota_leases.json")) {
    const auto granted = replay(each.at("request"));
    const auto& expected = each.at("response").at("items").as_array();
    ASSERT_EQ(granted.size(), expected.size());
    for (std::size_t i = 0; i < granted.size(); ++i) {
      EXPECT_EQ(granted[i].granted, expected[i].at("grant_bytes").to_number<std::uint64_t>());
      EXPECT_EQ(granted[i].remaining, expected[i].at("remaining").to_number<std::uint64_t>());
      EXPECT_EQ(granted[i].outlook == services::lease_outlook::final,
                expected[i].at("final").as_bool());
      EXPECT_EQ(granted[i].outlook == services::lease_outlook::refused,
                expected[i].at("refused").as_bool());
    }
  }
}

}
}
