#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>
#include <set>

#include "gateway/support/gateway_world.hpp"
#include "gateway/support/raw_carrier.hpp"
#include "httvps/gateway/sessions/neighbour.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {
namespace {

constexpr int cuts = 6;
constexpr std::size_t local_header = 4;
constexpr std::size_t arriving_most = 256;
constexpr auto introduction_limit = std::chrono::seconds(5);
const std::string passed_on = "httvps_gateway_carriers_passed_on_total";
const std::string taken_in = "httvps_gateway_carriers_taken_in_total";
const std::string opened = "httvps_gateway_sessions_opened_total";
const std::string relayed = "httvps_gateway_carriers_relayed";

base::byte_vector client_hello(std::size_t record) {
  base::byte_vector bytes = {
      0x16, 3, 1, static_cast<std::uint8_t>(record >> 8), static_cast<std::uint8_t>(record), 1};
  base::append(bytes, pattern(record - 1));
  return bytes;
}

struct Upgrade : ::testing::Test {
  std::unique_ptr<gateway_world> world = make_world({});
  tcp_origin origin{echo_until_end};
  std::unique_ptr<gateway_process> next;
  base::byte_vector sent;
  wire::stream_id stream{};

  static std::unique_ptr<gateway_world> make_world(std::map<std::string, std::string> more) {
    more["GATEWAY_THREADS"] = "2";
    return std::make_unique<gateway_world>(world_options{.environment = std::move(more)});
  }

  gateway_process& old() const { return world->gateway; }

  tunnel_options over(carrier_http http) const {
    auto options = world->as_device(world->device);
    options.http = http;
    return options;
  }

  void start_next() {
    next = std::make_unique<gateway_process>(world->successor());
    ASSERT_TRUE(next->wait_until_ready()) << next->standard_error() << next->log();
    ASSERT_EQ(next->public_port(), old().public_port());
  }

  void hand_on() const {
    old().send_signal(SIGUSR2);
    ASSERT_TRUE(old().wait_for_log("gateway_handing_on"));
  }

  void begin(tunnel& device) {
    sent = pattern(base::mebibyte);
    stream = device.open(loopback_target(origin.port()), sent);
    ASSERT_TRUE(device.wait([&] { return device.view(stream).received.size() >= sent.size(); }));
  }

  void go_on_exactly(tunnel& device) {
    const auto part = pattern(base::mebibyte + 17);
    device.write(stream, part);
    base::append(sent, part);
    device.go_on(over(carrier_http::http1).knock);
    ASSERT_TRUE(device.wait_until_carried()) << device.failure().message();
    ASSERT_TRUE(device.wait([&] { return device.view(stream).received.size() >= sent.size(); }));
    ASSERT_TRUE(device.view(stream).received == sent);
  }

  void expect_streams_go_on(carrier_http http) {
    tunnel device(over(http));
    begin(device);
    start_next();
    hand_on();
    for (int i = 0; i < cuts; ++i) {
      go_on_exactly(device);
    }
    EXPECT_EQ(next->metric(passed_on), cuts);
    EXPECT_EQ(next->metric(relayed), 1);
    EXPECT_EQ(next->metric(opened), 0);
    EXPECT_EQ(old().metric(taken_in), cuts);
    EXPECT_EQ(old().metric(opened), 1);
    device.close();
    EXPECT_EQ(old().wait_for_exit(exit_limit), 0) << old().log();
    EXPECT_TRUE(next->wait_until_zero(relayed));
  }

  bool echoes(tunnel& device) const {
    const auto body = pattern(1000);
    const auto fresh = device.open(loopback_target(origin.port()), body);
    return device.wait([&] { return device.view(fresh).received.size() >= body.size(); });
  }
};

TEST_F(Upgrade, StreamsGoOnThroughTheSuccessorOverHttp1) {
  expect_streams_go_on(carrier_http::http1);
}

TEST_F(Upgrade, StreamsGoOnThroughTheSuccessorOverHttp2) {
  expect_streams_go_on(carrier_http::http2);
}

TEST_F(Upgrade, EachProcessPassesOnWhatIsTheOthersWhileBothListen) {
  tunnel device(over(carrier_http::http1));
  begin(device);
  start_next();
  for (int i = 0; i < 2 * cuts; ++i) {
    go_on_exactly(device);
  }
  EXPECT_GT(next->metric(passed_on), 0);
  EXPECT_EQ(next->metric(passed_on), old().metric(taken_in));
  EXPECT_FALSE(old().wait_for_exit(std::chrono::milliseconds(0)));
}

TEST_F(Upgrade, NewSessionsLandOnTheSuccessorAndEachReportsItsOwnUsage) {
  tunnel device(over(carrier_http::http1));
  begin(device);
  start_next();
  hand_on();
  go_on_exactly(device);
  const auto fresh = world->connect(world->device);
  EXPECT_TRUE(echoes(*fresh));
  EXPECT_EQ(next->metric(opened), 1);
  EXPECT_EQ(old().metric(opened), 1);
  EXPECT_EQ(fetch_plain(old().metrics_port(), "/readyz").status, 503);
  device.close();
  fresh->close();
  EXPECT_EQ(old().wait_for_exit(exit_limit), 0);
  const auto total = sent.size() + 1000;
  EXPECT_TRUE(world->backend.wait_for([total](const backend_record& seen) {
    std::map<std::pair<std::string, std::uint64_t>, base::byte_count> up;
    std::set<std::string> epochs;
    for (const auto& each : seen.usage) {
      for (const auto& line : each.lines) {
        auto& most = up[{each.epoch, line.session}];
        most = std::max(most, line.up);
        epochs.insert(each.epoch);
      }
    }
    base::byte_count sum = 0;
    for (const auto& [session, bytes] : up) {
      sum += bytes;
    }
    return epochs.size() == 2 && sum == total;
  }));
}

TEST_F(Upgrade, IdleSessionsAreSentToTheSuccessor) {
  const auto device = world->connect(world->device);
  ASSERT_TRUE(device->wait_until_open());
  start_next();
  hand_on();
  ASSERT_TRUE(device->wait([&] { return device->farewell().has_value(); }));
  EXPECT_EQ(device->farewell()->code, wire::errc::gateway_draining);
  EXPECT_TRUE(device->wait_until_over());
  EXPECT_EQ(old().wait_for_exit(exit_limit), 0);
  EXPECT_TRUE(echoes(*world->connect(world->device)));
}

TEST_F(Upgrade, SessionsThatStayTooLongAreDrained) {
  world = make_world({{"GATEWAY_UPGRADE_LIMIT", "300"}, {"GATEWAY_DRAIN", "300"}});
  tunnel device(over(carrier_http::http1));
  begin(device);
  start_next();
  hand_on();
  ASSERT_TRUE(device.wait([&] { return device.farewell().has_value(); }));
  EXPECT_EQ(device.farewell()->code, wire::errc::gateway_draining);
  EXPECT_TRUE(device.wait_until_over());
  EXPECT_EQ(old().wait_for_exit(exit_limit), 0);
}

TEST_F(Upgrade, ProcessThatWasKilledMeansItsSessionsAreGone) {
  tunnel device(over(carrier_http::http1));
  begin(device);
  start_next();
  old().send_signal(SIGKILL);
  ASSERT_TRUE(old().wait_for_exit(exit_limit));
  ASSERT_TRUE(device.wait([&] { return device.is_over(); }));
  const auto hello = client_hello(300);
  const auto untouched = device.open(loopback_target(origin.port()), hello);
  device.go_on(over(carrier_http::http1).knock);
  ASSERT_TRUE(device.wait([&] { return device.view(stream).is_over(); }));
  EXPECT_EQ(device.view(stream).reset, wire::errc::gateway_lost);
  device.go_on(over(carrier_http::http1).knock);
  ASSERT_TRUE(device.wait([&] { return device.view(untouched).received.size() >= hello.size(); }));
  EXPECT_TRUE(device.view(untouched).received == hello);
  EXPECT_EQ(next->metric(passed_on), 0);
  EXPECT_EQ(next->metric(opened), 1);
  EXPECT_TRUE(next->wait_for_log("process_not_reached"));
}

TEST_F(Upgrade, DownBudgetHoldsThroughTheRelay) {
  constexpr base::byte_count budget = 48 * base::kibibyte;
  tunnel device(over(carrier_http::http1));
  begin(device);
  start_next();
  hand_on();
  const auto part = pattern(256 * base::kibibyte);
  device.write(stream, part);
  base::append(sent, part);
  device.limit_carriers_to(budget);
  while (device.view(stream).received.size() < sent.size()) {
    const auto before = device.view(stream).received.size();
    device.go_on(over(carrier_http::http1).knock);
    ASSERT_TRUE(device.wait_until_carried());
    ASSERT_TRUE(device.wait([&] { return device.view(stream).received.size() > before; }));
    device.let_run(std::chrono::milliseconds(300));
    EXPECT_LE(device.received_on_carrier(), budget);
  }
  EXPECT_TRUE(device.view(stream).received == sent);
  EXPECT_GE(next->metric(passed_on), 6);
}

TEST_F(Upgrade, SocketsOfProcessesThatAreGoneAreRemoved) {
  const auto sockets = [this] {
    std::ptrdiff_t count = 0;
    for (const auto& each : std::filesystem::directory_iterator(old().state_folder() + "/run")) {
      count += each.is_socket() ? 1 : 0;
    }
    return count;
  };
  EXPECT_EQ(sockets(), 1);
  old().send_signal(SIGKILL);
  ASSERT_TRUE(old().wait_for_exit(exit_limit));
  EXPECT_EQ(sockets(), 1);
  start_next();
  EXPECT_EQ(sockets(), 1);
  next->terminate();
  ASSERT_EQ(next->wait_for_exit(exit_limit), 0);
  EXPECT_EQ(sockets(), 0);
}

struct LocalDoor : Upgrade {
  std::string path() const {
    return std::filesystem::directory_iterator(old().state_folder() + "/run")->path().string();
  }

  tcp_socket knock() const {
    sockaddr_un place{};
    place.sun_family = AF_UNIX;
    std::strncpy(place.sun_path, path().c_str(), sizeof(place.sun_path) - 1);
    tcp_socket visitor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(
        ::connect(visitor.descriptor(), reinterpret_cast<const sockaddr*>(&place), sizeof place),
        0);
    return visitor;
  }

  static base::byte_vector in_a_message(base::byte_view content) {
    base::byte_vector bytes = {0, 0, static_cast<std::uint8_t>(content.size() >> 8),
                               static_cast<std::uint8_t>(content.size())};
    base::append(bytes, content);
    return bytes;
  }

  std::optional<std::uint64_t> refusal_of(const std::string& device_id,
                                          const wire::session_id& session) const {
    auto content = gateway::encode_introduction({.device_id = device_id});
    base::append(content, encode_hello({.session = session}));
    const auto visitor = knock();
    visitor.send_all(in_a_message(content));
    const auto answer = receive_until_end(visitor);
    if (answer.size() < 2 * local_header) {
      return std::nullopt;
    }
    wire::frame_reader reader;
    auto bytes = base::byte_view(answer).subspan(local_header);
    const auto frame = reader.next(bytes);
    const auto* refusal = frame && *frame ? std::get_if<wire::refuse_frame>(&**frame) : nullptr;
    return refusal == nullptr ? std::nullopt : std::optional(refusal->code);
  }
};

TEST_F(LocalDoor, IsForItsOwnUserOnly) {
  struct stat facts{};
  ASSERT_EQ(::stat(path().c_str(), &facts), 0);
  EXPECT_TRUE(S_ISSOCK(facts.st_mode));
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat((old().state_folder() + "/run").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0700U);
}

TEST_F(LocalDoor, OpensNoSessionAndNoneOfAnotherDevice) {
  const auto device = world->connect(world->device);
  ASSERT_TRUE(device->wait_until_open());
  const auto gone = wire::to_wire(wire::errc::session_gone);
  EXPECT_EQ(refusal_of(world->device.id, base::secure_random().take<16>()), gone);
  EXPECT_EQ(refusal_of("dev_second", device->id()), gone);
  EXPECT_EQ(old().metric(opened), 1);
  EXPECT_TRUE(echoes(*device));
}

TEST_F(LocalDoor, GarbageCostsItsVisitorOnly) {
  const auto device = world->connect(world->device);
  ASSERT_TRUE(device->wait_until_open());
  for (const auto& garbage :
       {pattern(5000), base::byte_vector(64, 0), in_a_message(base::byte_vector(300, 1)),
        in_a_message(base::byte_vector(300, 0xff))}) {
    const auto visitor = knock();
    visitor.send_all(garbage);
    visitor.shutdown_send();
    receive_until_end(visitor);
  }
  EXPECT_TRUE(echoes(*device));
  EXPECT_EQ(old().metric(taken_in), 0);
}

TEST_F(LocalDoor, VisitorsThatSayNothingAreBounded) {
  std::vector<tcp_socket> silent;
  for (std::size_t i = 0; i < arriving_most; ++i) {
    silent.push_back(knock());
  }
  const auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(receive_until_end(knock()).empty());
  EXPECT_LT(std::chrono::steady_clock::now() - began, introduction_limit / 2);
  silent.back().wait_for_end(std::chrono::seconds(10));
  EXPECT_EQ(refusal_of(world->device.id, base::secure_random().take<16>()),
            wire::to_wire(wire::errc::session_gone));
}

}
}
