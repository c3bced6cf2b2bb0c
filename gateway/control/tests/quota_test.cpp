#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <string>

#include "httvps/gateway/control/errc.hpp"
#include "httvps/gateway/control/messages.hpp"
#include "httvps/gateway/control/validations.hpp"

namespace httvps::gateway {
namespace {

namespace json = boost::json;

json::array lease_vectors() {
  std::ifstream file(HTTVPS_SOURCE_DIR "/tests/vectors/quota_leases.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return json::parse(text).as_object().at("exchanges").as_array();
}

lease_request request_of(const json::object& example) {
  lease_request request{.epoch = std::string(example.at("epoch").as_string()), .items = {}};
  for (const auto& each : example.at("items").as_array()) {
    request.items.push_back(
        {.subscription = std::string(each.at("subscription").as_string()),
         .used = each.at("used_of_lease").to_number<std::uint64_t>(),
         .want = each.at("want").to_number<std::uint64_t>(),
         .token = each.at("token").is_string() ? std::string(each.at("token").as_string()) : ""});
  }
  return request;
}

TEST(QuotaMessages, RequestsAndAnswersAreThoseOfTheVectors) {
  const auto all = lease_vectors();
  ASSERT_EQ(all.size(), 3U);
  for (const auto& exchange : all) {
    const auto& request = exchange.at("request").as_object();
    EXPECT_EQ(json::parse(encode_lease(request_of(request))), exchange.at("request"));
    const auto& items = exchange.at("response").at("items").as_array();
    const auto answer = decode_lease(json::serialize(exchange.at("response")));
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->items.size(), items.size());
    for (std::size_t at = 0; at < items.size(); ++at) {
      const auto& got = answer->items[at];
      EXPECT_EQ(got.subscription, items[at].at("subscription").as_string());
      EXPECT_EQ(got.granted, items[at].at("grant_bytes").to_number<std::uint64_t>());
      EXPECT_EQ(got.remaining, items[at].at("remaining").to_number<std::uint64_t>());
      EXPECT_EQ(got.final, items[at].at("final").as_bool());
      EXPECT_EQ(got.refused, items[at].at("refused").as_bool());
      EXPECT_EQ(got.end, lease_end::quota_exceeded);
      EXPECT_EQ(got.lasts, std::chrono::seconds(300));
    }
  }
}

TEST(QuotaMessages, AnswerThatLacksAFieldIsRefused) {
  for (const auto* body :
       {R"({})", R"({"items":[1]})", R"({"items":[{"subscription":"s","grant_bytes":1}]})",
        R"({"items":[{"subscription":"s","grant_bytes":-1,"remaining":0,"expires_s":9,
            "final":true}]})"}) {
    EXPECT_EQ(decode_lease(body).error(), control_errc::backend_answer_invalid) << body;
  }
}

TEST(QuotaMessages, PolicyCarriesRatesAndQuota) {
  const auto answer = decode_validation(
      R"({"allow":true,"device_id":"dev_1","subscription_id":"sub_1","recheck_s":900,
          "policy":{"session_limit":3,"up_bps":1000,"down_bps":0,
                    "quota":{"remaining":77,"offline_bytes":5}}})");
  ASSERT_TRUE(answer);
  const auto& allowed = std::get<allowance>(*answer);
  EXPECT_EQ(allowed.up_bps, 1000U);
  EXPECT_EQ(allowed.down_bps, std::nullopt);
  EXPECT_EQ(allowed.quota, (quota_terms{.remaining = 77, .offline_bytes = 5}));
}

TEST(QuotaMessages, FinalAnswerSaysWhyNoMoreIsGranted) {
  const auto end_of = [](const std::string& reason) {
    const auto answer = decode_lease(
        R"({"items":[{"subscription":"s","grant_bytes":1,"remaining":0,"expires_s":9,"final":true)" +
        reason + "}]}");
    return answer ? std::optional(answer->items.front().end) : std::nullopt;
  };
  EXPECT_EQ(end_of(""), lease_end::quota_exceeded);
  EXPECT_EQ(end_of(R"(,"reason":null)"), lease_end::quota_exceeded);
  EXPECT_EQ(end_of(R"(,"reason":"subscription_expired")"), lease_end::subscription_expired);
  EXPECT_EQ(end_of(R"(,"reason":"access_suspended")"), lease_end::access_suspended);
  EXPECT_EQ(end_of(R"(,"reason":"of_later_versions")"), lease_end::quota_exceeded);
  EXPECT_EQ(end_of(R"(,"reason":7)"), std::nullopt);
}

TEST(QuotaMessages, SuspendedDevicesAreToldFromRevokedOnes) {
  const std::string head = R"({"state":"approved","path":"/p","cookie":"c","key_set":"k",)"
                           R"("revoked_devices":["dev_1","dev_2","dev_3"],"suspended_devices":)";
  const auto config =
      decode_config(head + R"([{"device_id":"dev_2","reason":"user_suspended"},)"
                           R"({"device_id":"dev_3","reason":"subscription_suspended"}]})");
  ASSERT_TRUE(config);
  EXPECT_EQ(
      config->withdrawn_devices,
      (std::vector<withdrawn_device>{{.device_id = "dev_1", .how = suspension::none},
                                     {.device_id = "dev_2", .how = suspension::of_user},
                                     {.device_id = "dev_3", .how = suspension::of_subscription}}));
  for (const auto* bad : {"7}", "[7]}", R"([{"device_id":"dev_2"}]})"}) {
    EXPECT_FALSE(decode_config(head + bad)) << bad;
  }
}

TEST(QuotaMessages, RevocationsComeWithTheConfigurationAndAreBounded) {
  const std::string head = R"({"state":"approved","path":"/p","cookie":"c","key_set":"k")";
  const auto config =
      decode_config(head + R"(,"revocation_version":4,"revoked_devices":["dev_1","dev_2"]})");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->revocation_version, 4U);
  EXPECT_EQ(config->node_keys_version, 0U);
  EXPECT_TRUE(config->rotated_nodes.empty());
  EXPECT_EQ(config->withdrawn_devices,
            (std::vector<withdrawn_device>{{.device_id = "dev_1"}, {.device_id = "dev_2"}}));
  EXPECT_TRUE(decode_config(head + "}")->withdrawn_devices.empty());
  const std::string huge(65, 'd');
  for (const auto& bad :
       {std::string(R"(,"revoked_devices":[7]})"), std::string(R"(,"revoked_devices":"dev_1"})"),
        R"(,"revoked_devices":[")" + huge + R"("]})"}) {
    EXPECT_FALSE(decode_config(head + bad)) << bad;
  }
}

}
}
