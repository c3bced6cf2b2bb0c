#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <thread>

#include "gateway/support/gateway_process.hpp"
#include "gateway/support/tunnel.hpp"
#include "httvps/identity/key_file.hpp"
#include "pool/support/outline_world.hpp"
#include "test_certificate.hpp"

namespace httvps::testing {
namespace {

using clock = std::chrono::steady_clock;

constexpr auto patience = std::chrono::seconds(30);
constexpr auto pause = std::chrono::milliseconds(50);
constexpr std::size_t part_size = 256 * 1024;
constexpr std::size_t parts = 12;
constexpr std::int64_t whole = part_size * parts;
constexpr std::int64_t room_for_all = 1'000'000'000;

std::int64_t number_at(const json_object& object, std::string_view field) {
  return object.at(boost::json::string_view(field.data(), field.size())).to_number<std::int64_t>();
}

class Drift : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { outline_world::prepare(); }

  void SetUp() override {
    ASSERT_TRUE(gateway.wait_until_ready()) << gateway.standard_error() << gateway.log();
    const auto joined =
        boost::json::parse(content_of(gateway.state_folder() + "/membership.json")).as_object();
    gateway_id = text_at(joined, "gateway_id");
    ASSERT_EQ(
        world.backend.admin_patch("/plans/" + world.backend.plan, {{"quota_bytes", room_for_all}})
            .status,
        200);
    const gateway_identity identity{
        .id = gateway_id,
        .credential = text_at(joined, "credential"),
        .box = identity::load_box_key(gateway.state_folder() + "/box.key").value()};
    auto enrolled = world.backend.enrol(identity);
    key_of_gateway = world.assign(identity, enrolled, "us");
    const test_device device{.id = enrolled.id, .key = std::move(enrolled.key)};
    gateway_place place{.port = gateway.public_port(),
                        .pin = certificate.pin(),
                        .gateway_id = gateway_id,
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
                            {"GATEWAY_TLS_CERTIFICATE", certificate.chain_file()},
                            {"GATEWAY_TLS_KEY", certificate.key_file()},
                            {"BACKEND_GATEWAY_SECRET", std::string(gateway_secret)}}};
  }

  bool passes_through_the_tunnel() {
    const auto stream =
        user->open(wire::ipv4_target{.address = {203, 0, 113, 7}, .port = world.origin.port()});
    for (std::size_t part = 1; part <= parts; ++part) {
      user->write(stream, pattern(part_size));
      const auto echoed = part * part_size;
      if (!user->wait([&] { return user->view(stream).received.size() == echoed; })) {
        return false;
      }
    }
    user->finish(stream);
    return user->wait([&] { return user->view(stream).is_over(); });
  }

  bool passes_beside_the_gateway() const {
    key_user past(world.use_of(key_of_gateway));
    for (std::size_t part = 0; part < parts; ++part) {
      if (!past.echo(pattern(part_size))) {
        return false;
      }
    }
    past.finish();
    return true;
  }

  std::int64_t reported(std::string_view direction) const {
    std::int64_t sum = 0;
    const auto answer = world.backend.admin_get(
        "/usage/hourly?day=" + day() + "&node_id=" + world.node + "&gateway_id=" + gateway_id);
    for (const auto& hour : answer.json().at("items").as_array()) {
      sum += number_at(hour.as_object(), direction);
    }
    return sum;
  }

  bool is_reported_whole() const {
    return world.backend.counted("up", whole) == whole &&
           wait_until([this] { return reported("up") == whole && reported("down") == whole; });
  }

  std::string day() const {
    const auto days = world.backend.admin_get("/usage").json().at("items").as_array();
    return text_at(days.front().as_object(), "day");
  }

  json_object drift() const { return world.backend.admin_get("/stats/drift?day=" + day()).json(); }

  bool shows(std::int64_t over_bound) const {
    const auto seen = drift();
    return number_at(seen, "nodes_compared") == 1 && number_at(seen, "paths_compared") == 1 &&
           number_at(seen, "paths_over_bound") == over_bound;
  }

  template <typename Condition>
  bool wait_until(const Condition& condition) const {
    const auto end = clock::now() + patience;
    while (!condition()) {
      if (clock::now() >= end) {
        return false;
      }
      std::this_thread::sleep_for(pause);
    }
    return true;
  }

  std::string told() const {
    return boost::json::serialize(drift()) + world.agent_output() + gateway.log();
  }

  outline_world world;
  net::testing::test_certificate certificate{"localhost"};
  gateway_process gateway{options()};
  std::string gateway_id;
  std::string key_of_gateway;
  std::unique_ptr<tunnel> user;
};

TEST_F(Drift, IsNoneWhenTheNodeCountsWhatTheGatewayReports) {
  ASSERT_TRUE(passes_through_the_tunnel()) << gateway.log();
  ASSERT_TRUE(is_reported_whole()) << gateway.log();
  EXPECT_TRUE(wait_until([this] { return shows(0); })) << told();
}

TEST_F(Drift, NamesTheNodeAndTheGatewayWhoseKeyCarriedMoreThanItReports) {
  ASSERT_TRUE(passes_through_the_tunnel()) << gateway.log();
  ASSERT_TRUE(is_reported_whole()) << gateway.log();
  ASSERT_TRUE(wait_until([this] { return shows(0); })) << told();
  ASSERT_TRUE(passes_beside_the_gateway()) << world.agent_output();
  const auto worst = [this] { return drift().at("worst").as_array(); };
  const auto all_counted = [&] {
    const auto paths = worst();
    return paths.size() == 1 &&
           number_at(paths.front().at("counted").as_object(), "down") >= 2 * whole;
  };
  ASSERT_TRUE(wait_until(all_counted)) << told();
  const auto path = worst().front().as_object();
  EXPECT_EQ(text_at(path, "node_id"), world.node);
  EXPECT_EQ(text_at(path, "gateway_id"), gateway_id);
  for (const auto* direction : {"up", "down"}) {
    EXPECT_EQ(number_at(path.at("reported").as_object(), direction), whole) << direction;
    EXPECT_EQ(number_at(path.at("counted").as_object(), direction), 2 * whole) << direction;
  }
}

}
}
