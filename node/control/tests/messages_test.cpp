#include "httvps/node/control/messages.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>

#include "httvps/base/encoding.hpp"
#include "httvps/node/keys/errc.hpp"

namespace httvps::node {
namespace {

namespace json = boost::json;

json::object read_vectors() {
  std::ifstream file(HTTVPS_SOURCE_DIR "/tests/vectors/outline_api.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return json::parse(text).as_object();
}

class OutlineVectors : public ::testing::Test {
 protected:
  const json::object& exchange(std::string_view name) const {
    for (const auto& each : vectors_.at("exchanges").as_array()) {
      if (each.at("name").as_string() == name) {
        return each.as_object();
      }
    }
    throw std::runtime_error("no such exchange: " + std::string(name));
  }

  std::string answer(std::string_view name) const {
    return json::serialize(exchange(name).at("response"));
  }

  json::value request(std::string_view name) const { return exchange(name).at("request"); }

  json::object vectors_ = read_vectors();
  identity::box_key key_ =
      identity::box_key::from_secret(
          base::secret_bytes(
              base::from_base64url(std::string(vectors_.at("x25519_secret").as_string())).value()))
          .value();
};

TEST_F(OutlineVectors, AConfigurationIsOpened) {
  const auto wanted =
      decode_wanted(answer("a newer configuration in which two generations overlap"), key_);
  ASSERT_TRUE(wanted) << wanted.error().message();
  EXPECT_EQ(wanted->revision, 42U);
  EXPECT_EQ(wanted->region, "eu");
  EXPECT_EQ(wanted->node_id, "node_01m8059h4yf3k7w5d0tq9z6rae");
  ASSERT_EQ(wanted->keys.size(), 2U);
  EXPECT_EQ(wanted->keys[1].generation, 4U);
  EXPECT_EQ(wanted->keys[1].method, shadowsocks::cipher_method::aes_256_gcm);
  for (const auto& each : wanted->keys) {
    EXPECT_EQ(each.secret.reveal_text(),
              std::string(vectors_.at("secrets").at(each.id).as_string()));
  }
  EXPECT_EQ(decode_wanted(answer("a node without keys"), key_)->keys.size(), 0U);
}

TEST_F(OutlineVectors, EveryQueryNamesThePublicKey) {
  for (const auto* name : {"the first configuration", "nothing newer within the wait"}) {
    const std::string path(exchange(name).at("path").as_string());
    EXPECT_TRUE(path.ends_with("&x25519_public=" + key_.public_part().to_base64url())) << name;
  }
}

TEST_F(OutlineVectors, AHeartbeatIsWritten) {
  const node_heartbeat beat{.node_id = "node_01m8059h4yf3k7w5d0tq9z6rae",
                            .region = "eu",
                            .uptime_seconds = 3600,
                            .active_sessions = 12,
                            .cpu_load = 0.25,
                            .mem_load = 0.5,
                            .bytes_up = 1048576,
                            .bytes_down = 9007199254740993,
                            .last_error = "",
                            .timestamp = "2026-11-28T22:58:05.084Z"};
  EXPECT_EQ(json::parse(encode_heartbeat(beat)), request("a node heartbeat"));
}

TEST_F(OutlineVectors, ANoticeIsWritten) {
  rollout_notice notice{
      .report = {.revision = 42,
                 .key_ids = {"key_01m8059h4yf3k7w5d0tq9z6rb1", "key_01m8059h4yf3k7w5d0tq9z6rb2"}},
      .timestamp = "2026-11-28T22:58:05.084Z"};
  EXPECT_EQ(json::parse(encode_notice(notice)), request("a revision that runs"));
  notice.report.failure = keys_errc::server_did_not_load;
  EXPECT_EQ(json::parse(encode_notice(notice)), request("a revision that the server did not load"));
}

TEST_F(OutlineVectors, CountersAreWritten) {
  counter_report report{
      .epoch = "00112233445566ff", .timestamp = "2026-11-28T22:58:05.084Z", .rows = {}};
  report.rows["key_01m8059h4yf3k7w5d0tq9z6rb1"] = {
      .up = 1000, .down = 2000, .wire_up = 1100, .wire_down = 2100};
  report.rows["key_01m8059h4yf3k7w5d0tq9z6rb2"] = {.wire_up = 50};
  EXPECT_EQ(json::parse(encode_counters(report)), request("counters of two keys"));
}

TEST_F(OutlineVectors, AConfigurationForAnotherKeyIsNamed) {
  const auto other = identity::box_key::generate(base::secure_random());
  EXPECT_EQ(decode_wanted(answer("the first configuration"), other).error(),
            control_errc::sealed_for_another);
}

TEST_F(OutlineVectors, EveryFieldIsNeededAndChecked) {
  const auto whole = json::parse(answer("the first configuration")).as_object();
  for (const auto* name : {"rev", "node_id", "region", "keys"}) {
    auto broken = whole;
    broken.erase(name);
    EXPECT_EQ(decode_wanted(json::serialize(broken), key_).error(),
              control_errc::backend_answer_invalid);
    broken = whole;
    broken[name] = json::object{};
    EXPECT_EQ(decode_wanted(json::serialize(broken), key_).error(),
              control_errc::backend_answer_invalid);
  }
  for (const auto* name : {"key_id", "generation", "cipher", "sealed_secret"}) {
    auto broken = whole;
    broken["keys"].as_array()[0].as_object()[name] = nullptr;
    EXPECT_EQ(decode_wanted(json::serialize(broken), key_).error(),
              control_errc::backend_answer_invalid);
  }
}

TEST_F(OutlineVectors, NumbersMustBeWholeAndFromZero) {
  for (const json::value& wrong : {json::value(-1), json::value(1.5), json::value(1e300)}) {
    auto broken = json::parse(answer("the first configuration")).as_object();
    broken["rev"] = wrong;
    EXPECT_EQ(decode_wanted(json::serialize(broken), key_).error(),
              control_errc::backend_answer_invalid);
    broken["rev"] = 1;
    broken["keys"].as_array()[0].as_object()["generation"] = wrong;
    EXPECT_EQ(decode_wanted(json::serialize(broken), key_).error(),
              control_errc::backend_answer_invalid);
  }
}

TEST_F(OutlineVectors, RevisionZeroAndUnknownCiphersAreRefused) {
  auto broken = json::parse(answer("the first configuration")).as_object();
  broken["keys"].as_array()[0].as_object()["cipher"] = "rot13";
  EXPECT_EQ(decode_wanted(json::serialize(broken), key_).error(),
            control_errc::backend_answer_invalid);
  broken = json::parse(answer("a node without keys")).as_object();
  broken["rev"] = 0;
  EXPECT_EQ(decode_wanted(json::serialize(broken), key_).error(),
            control_errc::backend_answer_invalid);
}

TEST_F(OutlineVectors, ADamagedAnswerIsAnErrorOrTheSameKeys) {
  const auto text = answer("a newer configuration in which two generations overlap");
  base::seeded_random random(8);
  for (int round = 0; round < 2000; ++round) {
    auto damaged = text;
    damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
    const auto wanted = decode_wanted(damaged, key_);
    if (wanted) {
      EXPECT_LE(wanted->keys.size(), 2U);
    }
    EXPECT_FALSE(decode_wanted(text.substr(0, random.below(text.size())), key_));
  }
}

}
}
