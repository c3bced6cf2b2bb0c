#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/json/parse.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "pool/support/outline_world.hpp"

namespace httvps::testing {
namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto limit = seconds(30);
constexpr int killed = 128 + SIGKILL;

class AgentRenewal : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { outline_world::prepare(); }

  template <typename Condition>
  bool wait_until(const Condition& condition) const {
    const auto end = clock::now() + limit;
    while (!condition()) {
      if (clock::now() >= end) {
        return false;
      }
      std::this_thread::sleep_for(milliseconds(20));
    }
    return true;
  }
  std::string given() const {
    auto text = content_of(pool.folder.file("credential"));
    text.erase(text.find_last_not_of('\n') + 1);
    return text;
  }
  std::string kept() const {
    const auto path = pool.folder.file("state/credential.json");
    if (!std::filesystem::exists(path)) {
      return "";
    }
    return text_at(boost::json::parse(content_of(path)).as_object(), "credential");
  }
  std::string refusal_of(const std::string& credential) const {
    const auto answer = pool.backend.api->get(
        "/api/v1/outline/config?rev=0&wait=0&x25519_public=" +
            identity::box_key::generate(base::secure_random()).public_part().to_base64url(),
        credential);
    return answer.status / 100 == 2 ? "" : answer.text("code");
  }
  void tell_failpoints(const std::string& lines) const {
    const auto draft = pool.folder.file("failpoints.new");
    std::ofstream(draft, std::ios::trunc) << lines;
    std::filesystem::rename(draft, pool.folder.file("failpoints"));
  }
  api_answer act(const std::string& verb) const {
    return pool.backend.admin_post("/nodes/" + pool.node + ":" + verb, {});
  }
  void kill_at(const std::string& point) {
    ASSERT_TRUE(wait_until([&] { return pool.has_running_keys(); })) << pool.agent_output();
    tell_failpoints(point + " kill\n");
    ASSERT_EQ(act("renew-credential").status, 200);
    ASSERT_EQ(pool.agent->wait_for_exit(limit), killed) << point << " was never reached";
    tell_failpoints("");
  }
  bool serves_a_key() {
    const auto gateway = pool.backend.join("gate");
    const auto device = pool.backend.enrol(gateway);
    return is_accepted(pool.use_of(pool.assign(gateway, device, "us")));
  }

  outline_world pool{{{"BACKEND_GATEWAY_AUTO_APPROVE", "true"},
                      {"BACKEND_CREDENTIAL_LIFE", "18000"},
                      {"BACKEND_CREDENTIAL_OVERLAP", "3000"}},
                     {{"NODE_HEARTBEAT_INTERVAL", "500"}}};
};

TEST_F(AgentRenewal, HappensBeforeTheEndAndTheOldOneEnds) {
  const auto first = given();
  ASSERT_TRUE(wait_until([&] { return !kept().empty(); })) << pool.agent_output();
  EXPECT_EQ(refusal_of(kept()), "");
  EXPECT_TRUE(wait_until([&] { return refusal_of(first) == "credential_expired"; }));
  EXPECT_TRUE(serves_a_key());
  EXPECT_EQ(given(), first) << "the operator's file is left alone";
}

TEST_F(AgentRenewal, KilledBetweenAnswerAndStoreItGoesOnAndRenewsAgain) {
  ASSERT_NO_FATAL_FAILURE(kill_at("node.credential.answered"));
  EXPECT_EQ(kept(), "");
  pool.start_agent();
  EXPECT_TRUE(wait_until([&] { return !kept().empty(); })) << pool.agent_output();
  EXPECT_TRUE(serves_a_key());
}

TEST_F(AgentRenewal, KilledBetweenStoreAndFirstUseItGoesOnWithTheNextOne) {
  const auto first = given();
  ASSERT_NO_FATAL_FAILURE(kill_at("node.credential.stored"));
  ASSERT_NE(kept(), "");
  pool.start_agent();
  EXPECT_TRUE(serves_a_key());
  EXPECT_TRUE(wait_until([&] { return refusal_of(first) == "credential_expired"; }))
      << "its first use ended the one before";
}

TEST_F(AgentRenewal, RevokedAgentSaysSoAndTakesTheOneThatIsIssued) {
  ASSERT_TRUE(wait_until([&] { return pool.has_running_keys(); })) << pool.agent_output();
  ASSERT_EQ(act("revoke-credentials").status, 200);
  EXPECT_EQ(refusal_of(given()), "credential_revoked");
  EXPECT_TRUE(wait_until(
      [&] { return pool.agent_output().find("credential_revoked") != std::string::npos; }));
  const auto issued = act("issue-credential").text("credential");
  ASSERT_NE(issued, "");
  std::ofstream(pool.folder.file("credential"), std::ios::trunc) << issued << "\n";
  EXPECT_TRUE(serves_a_key()) << pool.agent_output();
}

}
}
