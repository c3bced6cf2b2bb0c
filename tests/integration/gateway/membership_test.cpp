#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "gateway/support/running_gateway.hpp"
#include "gateway/support/unjoined_gateway.hpp"

namespace httvps::testing {
namespace {

void replace_kept_key_set(const std::string& state_folder, const std::string& key_set) {
  const auto path = state_folder + "/membership.json";
  auto text = content_of(path);
  const std::string field = "\"key_set\":\"";
  const auto begin = text.find(field) + field.size();
  text.replace(begin, text.find('"', begin) - begin, key_set);
  std::ofstream(path, std::ios::trunc) << text;
}

TEST_F(UnjoinedGateway, KeySetOfAnotherRootIsNotBelieved) {
  const deployment others;
  backend.with_keys([&others](deployment& own) { own.served_key_set = others.key_set(); });
  gateway_process gateway(options());
  EXPECT_EQ(gateway.wait_for_exit(exit_limit), 1);
  EXPECT_NE(gateway.standard_error().find("names a key that is not in the key set"),
            std::string::npos);
}

TEST_F(RunningGateway, LearnsARotatedKeySet) {
  const auto old_signer_token = world.keys.token_for(world.device);
  world.backend.with_keys([](deployment& keys) { keys.rotate(); });
  const auto fresh_token = world.keys.token_for(world.device);
  ASSERT_TRUE(world.backend.wait_for([](const backend_record& record) {
    const auto found = record.counts.find(backend_call::config);
    return found != record.counts.end() && found->second > 0;
  }));
  for (const auto& token : {old_signer_token, fresh_token}) {
    auto options = world.as_device(world.device);
    options.knock = access_knock(token, world.device);
    bool open = false;
    for (int attempt = 0; attempt < 200 && !open; ++attempt) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      tunnel device(options);
      open = device.wait_until_open();
    }
    EXPECT_TRUE(open);
  }
}

TEST_F(RunningGateway, DoesNotGoBackToAnOlderKeySet) {
  const auto old_set = world.keys.key_set();
  world.backend.with_keys([](deployment& keys) { keys.rotate(); });
  auto options = world.as_device(world.device);
  const auto is_open = [&options] {
    options.id = base::secure_random().take<16>();
    return tunnel(options).wait_until_open();
  };
  bool open = false;
  for (int attempt = 0; attempt < 200 && !open; ++attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    open = is_open();
  }
  ASSERT_TRUE(open);
  world.backend.with_keys([&old_set](deployment& keys) {
    keys.served_key_set = old_set;
    keys.rotate();
  });
  const auto before = world.backend.count_of(backend_call::config);
  ASSERT_TRUE(world.backend.wait_for([before](const backend_record& record) {
    return record.counts.at(backend_call::config) > before + 1;
  }));
  EXPECT_TRUE(is_open());
  EXPECT_TRUE(world.gateway.wait_for_log("key_set_rollback"));
}

TEST_F(RunningGateway, ObeysTheDrainAndRevocationsOfAnAnswerWhoseKeySetItRefuses) {
  const auto revoked = world.connect(world.device);
  const auto other = world.connect(make_device("dev_other"));
  ASSERT_TRUE(revoked->wait_until_open());
  ASSERT_TRUE(other->wait_until_open());
  const deployment strangers;
  world.backend.with_keys(
      [&strangers](deployment& keys) { keys.served_key_set = strangers.key_set(); });
  world.backend.change([](backend_script& plan) {
    plan.revocation_version = 1;
    plan.revoked_devices = {"dev_first"};
    plan.draining = true;
  });
  ASSERT_TRUE(revoked->wait([&] { return !revoked->notices().empty(); }));
  EXPECT_EQ(revoked->notices().front().code, wire::errc::device_revoked);
  ASSERT_TRUE(other->wait([&] { return other->farewell().has_value(); }));
  EXPECT_EQ(other->farewell()->code, wire::errc::gateway_draining);
  EXPECT_TRUE(world.gateway.wait_for_log("config_not_refreshed"));
}

TEST_F(RunningGateway, KeepsItsMembershipOverARestartWithoutBackend) {
  world.gateway.terminate();
  ASSERT_EQ(world.gateway.wait_for_exit(exit_limit), 0);
  world.backend.go_down();
  world.gateway.start_again();
  ASSERT_TRUE(world.gateway.wait_until_ready());
  EXPECT_EQ(world.backend.count_of(backend_call::join), 1U);
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait([&] { return device->is_over() || device->is_open(); }));
  ASSERT_TRUE(device->refused());
  EXPECT_EQ(device->refused()->code, wire::errc::backend_unavailable);
}

TEST_F(RunningGateway, RefreshesAKeptKeySetThatIsTooOld) {
  world.gateway.terminate();
  ASSERT_EQ(world.gateway.wait_for_exit(exit_limit), 0);
  replace_kept_key_set(world.gateway.state_folder(), world.keys.key_set(std::chrono::hours(-1)));
  world.gateway.start_again();
  ASSERT_TRUE(world.gateway.wait_until_ready());
  EXPECT_TRUE(world.gateway.wait_for_log("membership_outdated"));
  EXPECT_EQ(world.backend.count_of(backend_call::join), 1U);
  EXPECT_TRUE(world.connect(world.device)->wait_until_open());
}

TEST_F(RunningGateway, StateIsReadableByItsOwnerOnly) {
  namespace files = std::filesystem;
  for (const auto& entry : files::directory_iterator(world.gateway.state_folder())) {
    const auto others = files::perms::group_all | files::perms::others_all;
    EXPECT_EQ(entry.status().permissions() & others, files::perms::none) << entry.path();
  }
  EXPECT_EQ(files::status(world.gateway.state_folder()).permissions(), files::perms::owner_all);
}

}
}
