#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "node/node_fixture.hpp"

namespace httvps::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const offered_key first = make_offer("key_a.1", "secret of the first generation");
const offered_key second = make_offer("key_a.2", "secret of the second generation");

mode_t mode_of(const std::string& path) {
  struct stat facts{};
  return stat(path.c_str(), &facts) == 0 ? facts.st_mode & 0777U : 0U;
}

class NodeLife : public NodeAgent {
 protected:
  void run_first_key() {
    ASSERT_EQ(backend_.want({first}), 1U);
    start_agent();
    ASSERT_TRUE(backend_.wait_until_runs(1)) << agent_output();
  }

  void run_server_apart() {
    set("NODE_SERVER_PROGRAM", "");
    set("NODE_SERVER_PID_FILE", file("server.pid"));
    std::ofstream(file("services.yml")) << "services: []\n";
    set("NODE_SERVICES_FILE", file("services.yml"));
    start_server_apart();
  }

  void start_server_apart() {
    const auto program = std::filesystem::absolute(outline_server_program).string();
    apart_.emplace(httvps::testing::program{
        .words = {program, "-config", file("services.yml"), "-metrics", "127.0.0.1:9091"},
        .output = file("server.log")});
    std::ofstream(file("server.pid")) << apart_->process() << '\n';
    ASSERT_TRUE(wait_until([] { return static_cast<bool>(connect_loopback(9091)); }));
  }

  std::optional<running_program> apart_;
};

TEST_F(NodeLife, KeysGoOnWithoutTheBackendThroughARestartOfEverything) {
  run_first_key();
  EXPECT_EQ(pass(first, 10'000), 10'000U);
  ASSERT_TRUE(backend_.wait_until_counted(first.id, 10'000)) << agent_output();
  backend_.go_down();
  EXPECT_EQ(pass(first, 1'000), 1'000U);
  std::this_thread::sleep_for(milliseconds(600));
  const auto old_server = server();
  agent_->signal(SIGKILL);
  ASSERT_TRUE(agent_->wait_for_exit(seconds(5)));
  ASSERT_TRUE(wait_until([old_server] { return !is_alive(old_server); }));
  start_agent();
  ASSERT_TRUE(wait_until([this] { return is_accepted(use_of(first)); })) << agent_output();
  EXPECT_EQ(pass(first, 100), 100U);
  backend_.come_back();
  EXPECT_TRUE(backend_.wait_until_counted(first.id, 11'200)) << agent_output();
  backend_.want({second});
  EXPECT_TRUE(backend_.wait_until_runs(2)) << agent_output();
}

TEST_F(NodeLife, AServerThatDiesIsStartedAgainAndItsCountersGoOn) {
  run_first_key();
  EXPECT_EQ(pass(first, 10'000), 10'000U);
  ASSERT_TRUE(backend_.wait_until_counted(first.id, 10'000)) << agent_output();
  const auto killed = server();
  ASSERT_GT(killed, 0);
  kill(killed, SIGKILL);
  ASSERT_TRUE(wait_until([&] { return server() > 0 && server() != killed; })) << agent_output();
  ASSERT_TRUE(wait_until([] { return static_cast<bool>(connect_loopback(9000)); }));
  EXPECT_EQ(pass(first, 20'000), 20'000U);
  EXPECT_TRUE(backend_.wait_until_counted(first.id, 30'000)) << agent_output();
  EXPECT_EQ(backend_.record().counters.front().at("epoch"),
            backend_.record().counters.back().at("epoch"));
}

TEST_F(NodeLife, AServerThatSomethingElseStartsIsSignalledByItsPidFile) {
  run_server_apart();
  run_first_key();
  EXPECT_EQ(pass(first, 5'000), 5'000U);
  backend_.want({second});
  ASSERT_TRUE(backend_.wait_until_runs(2)) << agent_output();
  EXPECT_FALSE(is_accepted(use_of(first)));
  EXPECT_TRUE(is_accepted(use_of(second)));
  EXPECT_TRUE(backend_.wait_until_counted(first.id, 5'000));
  EXPECT_TRUE(backend_.wait_until_counted(second.id, 100));
  apart_.reset();
  start_server_apart();
  ASSERT_TRUE(wait_until([] { return static_cast<bool>(connect_loopback(9000)); }));
  EXPECT_EQ(pass(second, 7'000), 7'000U);
  EXPECT_TRUE(backend_.wait_until_counted(second.id, 7'100)) << agent_output();
  EXPECT_TRUE(backend_.wait_until_counted(first.id, 5'000));
}

TEST_F(NodeLife, AForeignProcessInThePidFileIsNotSignalled) {
  running_program innocent({.words = {"/bin/sleep", "60"}, .output = file("sleep.log")});
  set("NODE_SERVER_PROGRAM", "");
  set("NODE_SERVER_PID_FILE", file("server.pid"));
  std::ofstream(file("server.pid")) << innocent.process() << '\n';
  ASSERT_EQ(backend_.want({first}), 1U);
  start_agent();
  ASSERT_TRUE(backend_.wait_for([](const outline_record& record) {
    return !record.notices.empty() && record.notices.back().at("reason") == "server_absent" &&
           record.notices.back().at("state") == "failed";
  })) << agent_output();
  EXPECT_TRUE(is_alive(innocent.process()));
  ASSERT_TRUE(backend_.wait_for([](const outline_record& record) {
    return !record.heartbeats.empty() &&
           record.heartbeats.back().at("last_error") == "server_absent";
  }));
}

TEST_F(NodeLife, AProgramThatIsNotThereIsNamed) {
  set("NODE_SERVER_PROGRAM", "/none");
  ASSERT_EQ(backend_.want({first}), 1U);
  start_agent();
  EXPECT_TRUE(backend_.wait_for([](const outline_record& record) {
    return !record.notices.empty() && record.notices.back().at("reason") == "server_not_started";
  })) << agent_output();
}

TEST_F(NodeLife, GarbageFromTheBackendChangesNothingAndIsReported) {
  run_first_key();
  backend_.behave(outline_conduct::garbage);
  backend_.want({second});
  std::this_thread::sleep_for(milliseconds(500));
  EXPECT_TRUE(is_accepted(use_of(first)));
  EXPECT_TRUE(wait_until(
      [this] { return agent_output().find("backend_answer_invalid") != std::string::npos; }));
  backend_.behave(outline_conduct::answer);
  EXPECT_TRUE(backend_.wait_until_runs(2)) << agent_output();
}

TEST_F(NodeLife, KeysThatRepeatASecretAreRefusedWhole) {
  run_first_key();
  backend_.want({second, make_offer("key_x", second.secret)});
  ASSERT_TRUE(backend_.wait_for([](const outline_record& record) {
    return !record.heartbeats.empty() &&
           record.heartbeats.back().at("last_error") == "key_repeated";
  })) << agent_output();
  EXPECT_TRUE(is_accepted(use_of(first)));
  EXPECT_FALSE(is_accepted(use_of(second)));
}

TEST_F(NodeLife, ANewCredentialIsTakenFromItsFile) {
  run_first_key();
  backend_.expect_credential("htn_the_next_credential");
  ASSERT_TRUE(backend_.wait_for([](const outline_record& record) { return record.refused > 3; }));
  EXPECT_TRUE(is_accepted(use_of(first)));
  std::ofstream(file("credential")) << "htn_the_next_credential\n";
  backend_.want({second});
  EXPECT_TRUE(backend_.wait_until_runs(2)) << agent_output();
}

TEST_F(NodeLife, HeartbeatsComeEveryIntervalGiveOrTakeATenth) {
  run_first_key();
  ASSERT_TRUE(backend_.wait_for(
      [](const outline_record& record) { return record.heartbeats.size() > 12; }));
  const auto record = backend_.record();
  for (const auto* field : {"node_id", "region", "uptime_sec", "active_sessions", "cpu_load",
                            "mem_load", "bytes_up", "bytes_down", "last_error", "timestamp"}) {
    EXPECT_TRUE(record.heartbeats.back().contains(field)) << field;
  }
  const auto span = record.heartbeat_times[11] - record.heartbeat_times[1];
  EXPECT_GE(span, milliseconds(10 * 180));
  EXPECT_LE(span, milliseconds(10 * 300));
}

TEST_F(NodeLife, SigtermEndsServerAndAgentCleanlyAfterALastReport) {
  set("NODE_COUNTER_INTERVAL", "600000");
  run_first_key();
  EXPECT_EQ(pass(first, 12'345), 12'345U);
  ASSERT_TRUE(backend_.wait_for([](const outline_record& record) {
    return !record.heartbeats.empty() && record.heartbeats.back().at("bytes_up") == 12'345;
  })) << agent_output();
  ASSERT_TRUE(backend_.record().counters.empty());
  const auto child = server();
  const auto asked = std::chrono::steady_clock::now();
  agent_->signal(SIGTERM);
  EXPECT_EQ(agent_->wait_for_exit(seconds(10)), 0) << agent_output();
  EXPECT_LT(std::chrono::steady_clock::now() - asked, seconds(5));
  EXPECT_FALSE(is_alive(child));
  EXPECT_EQ(backend_.counted(first.id, "up"), 12'345U);
}

TEST_F(NodeLife, SecretsStayInPrivateFiles) {
  run_first_key();
  backend_.want({first, second});
  ASSERT_TRUE(backend_.wait_until_runs(2)) << agent_output();
  ASSERT_TRUE(
      wait_until([this] { return std::filesystem::exists(file("state") + "/counters.json"); }));
  for (const auto* name : {"box.key", "services.yml", "wanted.json", "counters.json"}) {
    EXPECT_EQ(mode_of(file("state") + "/" + name), 0600U) << name;
  }
  EXPECT_EQ(mode_of(file("state")), 0700U);
  const auto process = agent_->process();
  const auto seen = agent_output() + words_of(process) + words_of(server()) +
                    content_of(file("state") + "/wanted.json") +
                    content_of(file("state") + "/counters.json");
  for (const auto& secret :
       {first.secret, second.secret, std::string("htn_node_credential_of_the_test")}) {
    EXPECT_EQ(seen.find(secret), std::string::npos);
  }
  EXPECT_NE(content_of(file("state") + "/services.yml").find(second.secret), std::string::npos);
}

TEST_F(NodeLife, AnExposedCredentialIsNotUsed) {
  chmod(file("credential").c_str(), 0644);
  backend_.want({first});
  start_agent();
  ASSERT_TRUE(
      wait_until([this] { return agent_output().find("file_exposed") != std::string::npos; }));
  chmod(file("credential").c_str(), 0600);
  EXPECT_TRUE(backend_.wait_until_runs(1)) << agent_output();
}

TEST_F(NodeLife, CheckSaysWhatIsMissing) {
  auto with_check = environment();
  running_program good({.words = {HTTVPS_NODE_PROGRAM, "--check"},
                        .environment = with_check,
                        .output = file("good.txt")});
  EXPECT_EQ(good.wait_for_exit(seconds(10)), 0) << good.output();
  with_check["NODE_CREDENTIAL_FILE"] = file("none");
  with_check["NODE_SERVER_PROGRAM"] = "/none";
  running_program bad({.words = {HTTVPS_NODE_PROGRAM, "--check"},
                       .environment = with_check,
                       .output = file("bad.txt")});
  EXPECT_EQ(bad.wait_for_exit(seconds(10)), 1);
  EXPECT_NE(bad.output().find("MISSING  credential"), std::string::npos) << bad.output();
  EXPECT_NE(bad.output().find("MISSING  Outline server"), std::string::npos) << bad.output();
}

TEST_F(NodeLife, WrongSettingsAreAllNamedAtOnce) {
  running_program wrong({.words = {HTTVPS_NODE_PROGRAM},
                         .environment = {{"NODE_LISTEN", "x"}, {"NODE_LOG_LEVEL", "loud"}},
                         .output = file("wrong.txt")});
  EXPECT_EQ(wrong.wait_for_exit(seconds(10)), 2);
  for (const auto* name : {"node.backend_url", "node.listen", "node.log_level", "NODE_STATE_DIR",
                           "NODE_SERVER_PID_FILE"}) {
    EXPECT_NE(wrong.output().find(name), std::string::npos) << name;
  }
}

TEST_F(NodeLife, ReadinessFollowsTheKeys) {
  start_agent();
  ASSERT_TRUE(wait_until([this] { return std::filesystem::exists(file("address.json")); }));
  const auto address = content_of(file("address.json"));
  const auto port = static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  const auto fetch = [port](const std::string& path) {
    const auto connection = connect_loopback(port);
    connection.send_all(base::as_bytes("GET " + path + " HTTP/1.0\r\n\r\n"));
    return std::string(base::as_text(receive_until_end(connection)));
  };
  EXPECT_NE(fetch("/readyz").find("503"), std::string::npos);
  EXPECT_NE(fetch("/healthz").find("200"), std::string::npos);
  backend_.want({first});
  ASSERT_TRUE(backend_.wait_until_runs(1)) << agent_output();
  EXPECT_NE(fetch("/readyz").find("200"), std::string::npos);
  EXPECT_NE(fetch("/metrics").find("httvps_node_revision_running 1"), std::string::npos);
  EXPECT_EQ(fetch("/metrics").find(first.secret), std::string::npos);
}

}
}
