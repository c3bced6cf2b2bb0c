#include <gtest/gtest.h>

#include <atomic>
#include <boost/json/array.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "support/walk.hpp"

namespace httvps::testing {
namespace {

using test_servers::chosen_engine;
using test_servers::test_engine;

test_engine other_engine() {
  return chosen_engine() == test_engine::sqlite ? test_engine::postgresql : test_engine::sqlite;
}

json_object usage_body(int seq, const std::string& node, int up, const std::string& token) {
  json_object row{{"n", 1}, {"node_id", node}, {"up", up}, {"down", 2 * up}};
  if (!token.empty()) {
    row["token"] = token;
  }
  return {{"epoch", "00ff"}, {"seq", seq}, {"rows", boost::json::array{row}}};
}

class Backup : public ::testing::Test {
 protected:
  Backup() {
    world.fill();
    public_key = run({"backup-key", "--to", world.folder.file("backup-key")}).output;
    public_key.resize(public_key.find('\n'));
  }

  program_outcome run(const std::vector<std::string>& words) {
    return run_backend(world.folder, words, world.variables);
  }
  program_outcome back_up(const std::string& name) {
    return run({"backup", "--to", world.folder.file(name), "--recipient", public_key});
  }
  program_outcome restore(const backend_folder& into, const std::string& name,
                          const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"restore", "--from", world.folder.file(name), "--key-file",
                                      world.folder.file("backup-key")};
    if (!std::filesystem::exists(into.file("root-key"))) {
      std::filesystem::copy_file(world.folder.file("root-key"), into.file("root-key"));
    }
    words.insert(words.end(), more.begin(), more.end());
    return run_backend(into, words, into.usual_environment());
  }
  void carry_keys_to(const backend_folder& target) {
    for (const auto* name : {"secret-key", "root-key", "admin-token"}) {
      std::filesystem::copy_file(world.folder.file(name), target.file(name),
                                 std::filesystem::copy_options::overwrite_existing);
    }
  }
  api_answer report(const gateway_identity& gateway, const json_object& body) {
    return world.as_gateway(gateway, "/api/v1/usage/report", body);
  }
  std::int64_t counted_up(std::int64_t expected) { return world.counted("up", expected); }

  walk world;
  std::string public_key;
};

TEST_F(Backup, RestoredSystemServesItsDevicesAndGoesOnCounting) {
  const auto gateway = world.join("gate");
  const auto device = world.enrol(gateway);
  ASSERT_EQ(report(gateway, usage_body(1, world.node, 100, device.token)).status, 200);
  const auto made = back_up("made");
  ASSERT_EQ(made.exit_code, 0) << made.output;
  ASSERT_EQ(report(gateway, usage_body(2, world.node, 150, "")).status, 200);
  ASSERT_EQ(report(gateway, usage_body(3, world.node, 170, "")).status, 200);
  EXPECT_EQ(counted_up(170), 170);
  ASSERT_EQ(world.process->stop(), 0);
  const backend_folder target(other_engine());
  const auto restored = restore(target, "made");
  ASSERT_EQ(restored.exit_code, 0) << restored.output;
  EXPECT_NE(restored.output.find("rows are restored and verified. Next:"), std::string::npos);
  carry_keys_to(target);
  auto variables = target.usual_environment();
  variables["BACKEND_GATEWAY_AUTO_APPROVE"] = "true";
  const backend_process process(target, variables);
  world.api = std::make_unique<api_caller>(process.address());
  const auto allowed = world.as_gateway(gateway, "/api/v1/auth/validate-device",
                                        {{"token", device.token}, {"session", "00000000000000aa"}});
  EXPECT_TRUE(allowed.json().at("allow").as_bool()) << allowed.body;
  EXPECT_EQ(counted_up(100), 100);
  const auto config = world.api->get("/api/v1/gateway/config", gateway.credential);
  EXPECT_GT(config.json().at("revocation_version").to_number<std::int64_t>(), 1'700'000'000);
  EXPECT_EQ(report(gateway, usage_body(1, world.node, 100, device.token)).status, 200);
  EXPECT_EQ(counted_up(100), 100);
  const auto later = report(gateway, usage_body(4, world.node, 200, ""));
  ASSERT_EQ(later.status, 200) << later.body;
  EXPECT_EQ(later.json().at("gaps").as_array().size(), 1U);
  EXPECT_EQ(counted_up(200), 200);
  for (const int seq : {2, 3}) {
    EXPECT_EQ(
        report(gateway, {{"epoch", "00ff"}, {"seq", seq}, {"rows", boost::json::array{}}}).status,
        200);
  }
  EXPECT_EQ(report(gateway, usage_body(5, world.node, 210, "")).json().at("acked_through"), 5);
  EXPECT_EQ(counted_up(210), 210);
  const auto audit = run_backend(target, {"audit", "verify"}, variables);
  EXPECT_EQ(audit.exit_code, 0) << audit.output;
}

TEST_F(Backup, IsWholeWhileTheBackendIsWritten) {
  std::atomic<bool> stopped = false;
  int acknowledged = 0;
  std::thread writer([&] {
    while (!stopped) {
      acknowledged += world.admin_post("/users", {{"name", "Grace"}}).status == 201 ? 1 : 0;
    }
  });
  for (int round = 0; round < 3; ++round) {
    const auto name = "made" + std::to_string(round);
    EXPECT_EQ(back_up(name).exit_code, 0);
  }
  stopped = true;
  writer.join();
  EXPECT_GT(acknowledged, 0);
  const backend_folder target;
  const auto restored = restore(target, "made2");
  ASSERT_EQ(restored.exit_code, 0) << restored.output;
  const auto audit = run_backend(target, {"audit", "verify"}, target.usual_environment());
  EXPECT_EQ(audit.exit_code, 0) << audit.output;
}

TEST_F(Backup, FilesArePrivateAndHoldNoKey) {
  ASSERT_EQ(back_up("made").exit_code, 0);
  for (const auto* name : {"made", "backup-key"}) {
    const auto mode = std::filesystem::status(world.folder.file(name)).permissions();
    EXPECT_EQ(mode & std::filesystem::perms::all, std::filesystem::perms(0600)) << name;
  }
  const auto line = world.folder.text_of("backup-key");
  const auto secret = line.substr(line.find(' ') + 1, 43);
  ASSERT_EQ(secret.size(), 43U);
  EXPECT_EQ(run({"backup-key", "--to", world.folder.file("second-key")})
                .output.find(world.folder.text_of("second-key").substr(line.find(' ') + 1, 43)),
            std::string::npos);
  EXPECT_EQ(world.folder.text_of("made").find("Ada"), std::string::npos);
  EXPECT_EQ(world.folder.text_of("log").find(secret), std::string::npos);
}

TEST_F(Backup, EachRefusalHasItsExitCodeAndChangesNothing) {
  ASSERT_EQ(back_up("made").exit_code, 0);
  EXPECT_EQ(back_up("made").exit_code, 1);
  EXPECT_EQ(run({"backup", "--to", world.folder.file("x")}).exit_code, 2);
  EXPECT_EQ(run({"backup", "--to", world.folder.file("x"), "--recipient", "short"}).exit_code, 2);
  const backend_folder target;
  const auto cut = world.folder.text_of("made");
  std::ofstream(world.folder.file("cut"), std::ios::binary) << cut.substr(0, cut.size() - 40);
  const auto damaged = restore(target, "cut");
  EXPECT_EQ(damaged.exit_code, 6);
  EXPECT_NE(damaged.output.find("(sealed_stream_invalid)"), std::string::npos) << damaged.output;
  ASSERT_EQ(run({"backup-key", "--to", world.folder.file("other-key")}).exit_code, 0);
  const auto foreign = run({"restore", "--check", "--from", world.folder.file("made"), "--key-file",
                            world.folder.file("other-key")});
  EXPECT_EQ(foreign.exit_code, 6);
  EXPECT_NE(foreign.output.find("(sealed_stream_foreign)"), std::string::npos) << foreign.output;
  const auto checked = run({"restore", "--check", "--from", world.folder.file("made"), "--key-file",
                            world.folder.file("backup-key")});
  EXPECT_EQ(checked.exit_code, 0);
  EXPECT_NE(checked.output.find("The backup is whole: "), std::string::npos) << checked.output;
  const auto taken = restore(world.folder, "made");
  EXPECT_EQ(taken.exit_code, 7);
  EXPECT_NE(taken.output.find("(restore_target_not_empty)"), std::string::npos) << taken.output;
  const auto served = restore(world.folder, "made", {"--replace"});
  EXPECT_EQ(served.exit_code, 7);
  EXPECT_NE(served.output.find("(restore_target_in_use)"), std::string::npos) << served.output;
  EXPECT_EQ(world.admin_get("/users").json().at("items").as_array().size(), 1U);
}

TEST_F(Backup, IsRestoredOnlyWhenTheRootKeyOrItsDigestProvesIt) {
  const auto made = back_up("made");
  ASSERT_EQ(made.exit_code, 0) << made.output;
  EXPECT_NE(made.output.find("It is signed by the root key "), std::string::npos) << made.output;
  const auto digest = made.output.substr(made.output.find("SHA-256 ") + 8, 64);
  const backend_folder target;
  const std::vector<std::string> words = {"restore", "--from", world.folder.file("made"),
                                          "--key-file", world.folder.file("backup-key")};
  const auto alone = [&](const std::vector<std::string>& more, const backend_folder& into) {
    auto all = words;
    all.insert(all.end(), more.begin(), more.end());
    return run_backend(into, all, into.usual_environment());
  };
  const auto unproven = alone({}, target);
  EXPECT_EQ(unproven.exit_code, 6);
  EXPECT_NE(unproven.output.find("(backup_unproven)"), std::string::npos) << unproven.output;
  const auto other = alone({"--sha256", std::string(64, '0')}, target);
  EXPECT_EQ(other.exit_code, 6);
  EXPECT_NE(other.output.find("(backup_not_authentic)"), std::string::npos) << other.output;
  const auto stranger = identity::signing_key::generate(base::secure_random());
  const auto foreign = alone({"--root", stranger.public_part().to_base64url()}, target);
  EXPECT_EQ(foreign.exit_code, 6);
  EXPECT_NE(foreign.output.find("(backup_not_authentic)"), std::string::npos) << foreign.output;
  EXPECT_EQ(alone({"--root", "short"}, target).exit_code, 2);
  const auto proven = alone({"--sha256", digest}, target);
  EXPECT_EQ(proven.exit_code, 0) << proven.output;
  const auto root = made.output.substr(made.output.find("root key ") + 9, 43);
  const backend_folder second;
  const auto signed_one = alone({"--root", root}, second);
  EXPECT_EQ(signed_one.exit_code, 0) << signed_one.output;
  EXPECT_NE(signed_one.output.find("The root key of this deployment signed it."),
            std::string::npos);
}

TEST_F(Backup, KeySetOfAGatewayKeepsDevicesOfALaterSigningKey) {
  ASSERT_EQ(back_up("made").exit_code, 0);
  EXPECT_NE(world.admin_get("/keys").text("last_backup_at"), "");
  ASSERT_EQ(world.admin_post("/keys:rotate-signing", {}).status, 200);
  const auto gateway = world.join("gate");
  const auto config = world.api->get("/api/v1/gateway/config", gateway.credential);
  std::ofstream(world.folder.file("key-set")) << config.text("key_set") << "\n";
  ASSERT_EQ(world.process->stop(), 0);
  const backend_folder target;
  const auto refused = restore(target, "made", {"--key-set", world.folder.file("backup-key")});
  EXPECT_EQ(refused.exit_code, 2) << refused.output;
  const auto restored = restore(target, "made", {"--key-set", world.folder.file("key-set")});
  ASSERT_EQ(restored.exit_code, 0) << restored.output;
  EXPECT_NE(restored.output.find("1 signing keys of the key set are taken over"), std::string::npos)
      << restored.output;
  carry_keys_to(target);
  const backend_process process(target, target.usual_environment());
  const api_caller api(process.address());
  const auto keys = api.get("/api/v1/admin/keys", target.admin_token()).json();
  EXPECT_EQ(keys.at("signing").as_array().size(), 2U);
}

}
}
