#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <chrono>
#include <thread>

#include "gateway/support/gateway_process.hpp"
#include "gateway/support/tunnel.hpp"
#include "pool/support/outline_world.hpp"
#include "test_certificate.hpp"

namespace httvps::testing {
namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

wire::target public_target(std::uint16_t port) {
  return wire::ipv4_target{.address = {203, 0, 113, 7}, .port = port};
}

class GatewayKeyRenewal : public ::testing::Test {
 protected:
  explicit GatewayKeyRenewal(std::string key_age = "400") : key_age_(std::move(key_age)) {}

  static void SetUpTestSuite() { outline_world::prepare(); }

  void SetUp() override {
    ASSERT_TRUE(gateway.wait_until_ready()) << gateway.standard_error() << gateway.log();
    const auto joined =
        boost::json::parse(content_of(gateway.state_folder() + "/membership.json")).as_object();
    const gateway_identity identity{.id = text_at(joined, "gateway_id"),
                                    .credential = text_at(joined, "credential"),
                                    .box = identity::box_key::generate(base::secure_random())};
    auto enrolled = world.backend.enrol(identity);
    world.assign(identity, enrolled, "us");
    const test_device device{.id = enrolled.id, .key = std::move(enrolled.key)};
    gateway_place place{.port = gateway.public_port(),
                        .pin = certificate.pin(),
                        .gateway_id = identity.id,
                        .path = text_at(joined, "path"),
                        .cookie = text_at(joined, "cookie")};
    tunnel_options chosen{.place = std::move(place), .knock = access_knock(enrolled.token, device)};
    user = std::make_unique<tunnel>(std::move(chosen));
    ASSERT_TRUE(user->wait_until_open()) << gateway.log();
  }

  gateway_options options() const {
    return {.environment = {{"GATEWAY_BACKEND_URL", "http://" + world.backend.process->address()},
                            {"GATEWAY_REGION", "us"},
                            {"GATEWAY_THREADS", "1"},
                            {"GATEWAY_NODE_KEY_AGE", key_age_},
                            {"GATEWAY_TLS_CERTIFICATE", certificate.chain_file()},
                            {"GATEWAY_TLS_KEY", certificate.key_file()},
                            {"BACKEND_GATEWAY_SECRET", std::string(gateway_secret)}}};
  }

  bool echoes(wire::stream_id stream, std::size_t total) {
    return user->wait([&] { return user->view(stream).received.size() >= total; }, seconds(2));
  }

  bool a_new_stream_echoes() {
    const auto stream = user->open(public_target(world.origin.port()), pattern(500));
    return echoes(stream, 500);
  }

  std::string key_age_;
  outline_world world;
  net::testing::test_certificate certificate{"localhost"};
  gateway_process gateway{options()};
  std::unique_ptr<tunnel> user;
};

TEST_F(GatewayKeyRenewal, ASessionTakesTheNewKeyAndKeepsItsStreams) {
  const auto lasting = user->open(public_target(world.origin.port()), pattern(1000));
  ASSERT_TRUE(echoes(lasting, 1000)) << gateway.log();
  const auto called = clock::now();
  ASSERT_EQ(world.backend.admin_post("/nodes/" + world.node + ":rotate-keys", {}).status, 200);
  bool renewed = false;
  while (!renewed && clock::now() - called < seconds(25)) {
    std::this_thread::sleep_for(milliseconds(300));
    renewed = world.has_running_keys() && a_new_stream_echoes();
  }
  EXPECT_TRUE(renewed) << gateway.log();
  user->write(lasting, pattern(1000));
  EXPECT_TRUE(echoes(lasting, 2000));
  EXPECT_FALSE(user->view(lasting).is_over());
  EXPECT_TRUE(user->is_open());
}

class GatewayKeyRotation : public GatewayKeyRenewal {
 protected:
  GatewayKeyRotation() : GatewayKeyRenewal("3600000") {}
};

TEST_F(GatewayKeyRotation, IsHeededAtOnceAndNotWhenTheKeyIsOld) {
  const auto lasting = user->open(public_target(world.origin.port()), pattern(1000));
  ASSERT_TRUE(echoes(lasting, 1000)) << gateway.log();
  ASSERT_EQ(world.backend.admin_post("/nodes/" + world.node + ":rotate-keys", {}).status, 200);
  const auto deadline = clock::now() + seconds(40);
  while (!world.has_running_keys() && clock::now() < deadline) {
    std::this_thread::sleep_for(milliseconds(50));
  }
  ASSERT_TRUE(world.has_running_keys());
  const auto running = clock::now();
  bool renewed = false;
  while (!renewed && clock::now() - running < seconds(10)) {
    renewed = a_new_stream_echoes();
  }
  EXPECT_TRUE(renewed) << gateway.log();
  user->write(lasting, pattern(1000));
  EXPECT_TRUE(echoes(lasting, 2000));
  EXPECT_TRUE(user->is_open());
}

}
}
