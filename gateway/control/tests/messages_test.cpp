#include "httvps/gateway/control/messages.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "httvps/base/encoding.hpp"
#include "httvps/gateway/control/errc.hpp"

namespace httvps::gateway {
namespace {

TEST(ControlMessages, OnlyAnApprovedGatewayCountsAsApproved) {
  const std::string rest =
      R"(","gateway_id":"gw_1","credential":"c","path":"/p","cookie":"k","root":"r","key_set":"s"})";
  const auto pending = decode_join(R"({"state":"pending)" + rest);
  const auto approved = decode_join(R"({"state":"approved)" + rest);
  ASSERT_TRUE(pending && approved);
  EXPECT_FALSE(pending->approved);
  EXPECT_TRUE(approved->approved);
}

TEST(ControlMessages, HeartbeatTellsItsPhaseOnlyWhileItDoesNotServe) {
  heartbeat beat{.gateway_id = "gw_1"};
  EXPECT_EQ(encode_heartbeat(beat).find("state"), std::string::npos);
  beat.phase = service_phase::draining;
  EXPECT_NE(encode_heartbeat(beat).find(R"("state":"draining")"), std::string::npos);
  beat.phase = service_phase::drained;
  EXPECT_NE(encode_heartbeat(beat).find(R"("state":"drained")"), std::string::npos);
}

TEST(ControlMessages, OnlyAConfigurationThatSaysSoDrains) {
  const std::string rest = R"({"state":"approved","path":"/p","cookie":"c","key_set":"k","rev":1)";
  EXPECT_FALSE(decode_config(rest + "}")->draining);
  EXPECT_FALSE(decode_config(rest + R"(,"draining":false})")->draining);
  EXPECT_TRUE(decode_config(rest + R"(,"draining":true})")->draining);
  EXPECT_FALSE(decode_config(rest + R"(,"draining":"yes"})"));
}

TEST(ControlMessages, UsageRowCarriesItsTokenOnlyWhenItHasOne) {
  const usage_batch batch{
      .epoch = "00ff",
      .sequence = 7,
      .rows = {
          {.session = 1, .node_id = "node_a", .up = 5, .down = 9, .token = "v4.public.x"},
          {.session = 2, .node_id = "node_a", .up = 1, .down = 2, .token = {}, .final = true}}};
  const auto body = boost::json::parse(encode_usage(batch)).as_object();
  EXPECT_EQ(body.at("seq").to_number<int>(), 7);
  const auto& rows = body.at("rows").as_array();
  EXPECT_EQ(rows.at(0).at("token").as_string(), "v4.public.x");
  EXPECT_FALSE(rows.at(1).as_object().contains("token"));
  EXPECT_FALSE(rows.at(0).as_object().contains("final"));
  EXPECT_TRUE(rows.at(1).at("final").as_bool());
  EXPECT_EQ(rows.at(0).at("down").to_number<int>(), 9);
}

TEST(ControlMessages, UsageAnswerCarriesItsGaps) {
  const auto answer =
      decode_usage(R"({"acked_through":3,"gaps":[{"first":4,"last":6},{"first":9,"last":9}]})");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->acked_through, 3U);
  ASSERT_EQ(answer->gaps.size(), 2U);
  EXPECT_EQ(answer->gaps[0].last, 6U);
  EXPECT_EQ(answer->gaps[1].first, 9U);
}

TEST(ControlMessages, UsageAnswerWithImpossibleGapsIsRefused) {
  std::string many = R"({"acked_through":1,"gaps":[{"first":2,"last":2})";
  for (int i = 0; i < 64; ++i) {
    many += R"(,{"first":4,"last":4})";
  }
  many += "]}";
  for (const auto& body :
       {std::string(R"({"acked_through":1})"), std::string(R"({"acked_through":1,"gaps":[3]})"),
        std::string(R"({"acked_through":1,"gaps":[{"first":3,"last":2}]})"),
        std::string(R"({"acked_through":1,"gaps":[{"first":0,"last":2}]})"),
        std::string(R"({"acked_through":-1,"gaps":[]})"), many}) {
    EXPECT_EQ(decode_usage(body).error(), control_errc::backend_answer_invalid) << body;
  }
}

TEST(ControlMessages, HeartbeatAnswerNamesChangedTerms) {
  const auto heard = decode_heartbeat(
      R"({"key_set_version":1,"terms_version":9,"terms_changed":["sub_1","plan_1"]})");
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->terms_version, 9U);
  EXPECT_EQ(heard->terms_changed, (std::vector<std::string>{"sub_1", "plan_1"}));
  EXPECT_EQ(decode_heartbeat(R"({"key_set_version":1})")->terms_version, 0U);
  EXPECT_FALSE(decode_heartbeat(R"({"key_set_version":1,"terms_changed":[1]})"));
}

TEST(ControlMessages, SealedAccessKeyIsOpenedForItsGatewayOnly) {
  base::seeded_random random(5);
  const auto mine = identity::box_key::generate(random);
  const auto other = identity::box_key::generate(random);
  const auto content = base::secret_bytes::from_text(R"({"url":"ss://a@b:1"})");
  const auto sealed = identity::seal_to(mine.public_part(), content, random);
  ASSERT_TRUE(sealed);
  const auto body =
      boost::json::serialize(boost::json::object{{"node_id", "node_1"},
                                                 {"name", "n"},
                                                 {"lease_until", "2030-01-01T00:00:00Z"},
                                                 {"sealed_key", base::to_base64url(*sealed)}});
  const auto opened = decode_assignment(body, mine);
  ASSERT_TRUE(opened);
  ASSERT_EQ(opened->nodes.size(), 1U);
  EXPECT_EQ(opened->nodes[0].access_url.reveal_text(), "ss://a@b:1");
  EXPECT_FALSE(decode_assignment(body, other));
}

std::string sealed_for(const identity::box_key& key, std::string_view url) {
  base::seeded_random random(6);
  const auto text = boost::json::serialize(
      boost::json::object{{"url", boost::json::string_view(url.data(), url.size())}});
  return base::to_base64url(
      identity::seal_to(key.public_part(), base::secret_bytes::from_text(text), random).value());
}

boost::json::object candidate(const identity::box_key& key, std::string_view id, int weight) {
  return {{"node_id", boost::json::string_view(id.data(), id.size())},
          {"name", "n"},
          {"sealed_key", sealed_for(key, "ss://a@b:1")},
          {"weight", weight}};
}

TEST(ControlMessages, AssignmentCarriesItsCandidatesInOrder) {
  base::seeded_random random(5);
  const auto key = identity::box_key::generate(random);
  auto body = candidate(key, "node_1", 1000);
  body["lease_until"] = "2030-01-01T00:00:00Z";
  body["nodes"] = boost::json::array{candidate(key, "node_1", 1000), candidate(key, "node_2", 0),
                                     candidate(key, "node_3", 5000)};
  const auto assigned = decode_assignment(boost::json::serialize(body), key);
  ASSERT_TRUE(assigned);
  ASSERT_EQ(assigned->nodes.size(), 3U);
  EXPECT_EQ(assigned->nodes[1].node_id, "node_2");
  EXPECT_EQ(assigned->nodes[1].weight, 1U);
  EXPECT_EQ(assigned->nodes[2].weight, 1000U);
  for (const auto& nodes : {boost::json::array{}, boost::json::array{1},
                            boost::json::array(9, candidate(key, "node_1", 1))}) {
    body["nodes"] = nodes;
    EXPECT_EQ(decode_assignment(boost::json::serialize(body), key).error(),
              control_errc::backend_answer_invalid);
  }
}

TEST(ControlMessages, OutcomesTellTheMeanTimeOfSuccesses) {
  const auto text = encode_outcomes(
      {{.node_id = "node_1", .succeeded = 4, .failed = 1, .took = std::chrono::milliseconds(10)},
       {.node_id = "node_2", .succeeded = 0, .failed = 5'000'000, .took = {}}});
  const auto nodes = boost::json::parse(text).at("nodes").as_array();
  ASSERT_EQ(nodes.size(), 2U);
  EXPECT_EQ(nodes[0].at("connect_us").to_number<int>(), 2500);
  EXPECT_EQ(nodes[1].at("failed").to_number<int>(), 1'000'000);
  EXPECT_FALSE(nodes[1].as_object().contains("connect_us"));
}

TEST(ControlMessages, ProblemCodeOfAnythingElseIsEmpty) {
  EXPECT_EQ(problem_code(R"({"code":"gateway_pending"})"), "gateway_pending");
  EXPECT_EQ(problem_code("<html>"), "");
}

}
}
