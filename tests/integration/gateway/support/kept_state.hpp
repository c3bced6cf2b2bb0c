#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <thread>

#include "gateway/support/gateway_world.hpp"
#include "httvps/gateway/state/state_file.hpp"
#include "httvps/identity/key_file.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {

using gateway::gateway_state;
using gateway::state_file;

struct KeptState : ::testing::Test {
  gateway_world world{{.environment = {{"GATEWAY_THREADS", "4"}}}};
  tcp_origin origin{echo_until_end};
  test_device second = make_device("dev_second");

  std::string path() const { return world.gateway.state_folder() + "/state.sealed"; }

  state_file file() const {
    const auto key = identity::load_box_key(world.gateway.state_folder() + "/box.key").value();
    return state_file::open(
               {.folder = world.gateway.state_folder(), .gateway_id = world.keys.gateway_id},
               key.secret())
        .value();
  }

  bool wait_until_kept(const std::function<bool(const gateway_state&)>& condition) const {
    for (int look = 0; look < 500; ++look) {
      const auto kept = file().load();
      if (kept && condition(*kept)) {
        return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }

  static bool knows(const gateway_state& state, const std::string& device) {
    const auto is_it = [&device](const auto& each) { return each->device_id == device; };
    return std::ranges::any_of(state.devices, is_it) && std::ranges::any_of(state.grants, is_it);
  }

  bool is_served(const tunnel_options& options) const {
    tunnel opened(options);
    if (!opened.wait_until_open()) {
      return false;
    }
    const auto stream = opened.open(loopback_target(origin.port()), pattern(1000));
    const auto is_decided = [&] {
      return opened.view(stream).received.size() == 1000 || opened.view(stream).is_over() ||
             opened.is_over();
    };
    return opened.wait(is_decided) && opened.view(stream).received.size() == 1000;
  }
  bool is_served(const test_device& device) const { return is_served(world.as_device(device)); }

  bool is_served_with_a_token_expired_for(std::chrono::seconds late) const {
    auto options = world.as_device(world.device);
    options.knock =
        access_knock(world.keys.token_for(world.device, {.expired_for = late}), world.device);
    return is_served(options);
  }

  wire::errc refusal_of(const test_device& device) const {
    const auto refused = world.connect(device);
    EXPECT_TRUE(refused->wait_until_over());
    return refused->refused() ? refused->refused()->code : wire::errc{};
  }

  void serve_once_and_keep() {
    ASSERT_TRUE(is_served(world.device));
    ASSERT_TRUE(is_served(second));
    ASSERT_TRUE(wait_until_kept([](const gateway_state& state) {
      return knows(state, "dev_first") && knows(state, "dev_second");
    }));
  }

  void start_killed_without_backend() {
    world.backend.go_down();
    world.gateway.kill_at_once();
    world.gateway.start_again();
    ASSERT_TRUE(world.gateway.wait_until_ready()) << world.gateway.log();
  }

  void change_kept(const std::function<void(gateway_state&)>& edit) const {
    auto own = file();
    auto state = own.load().value();
    edit(state);
    ASSERT_TRUE(own.store(state, base::secure_random()));
  }
};

}
