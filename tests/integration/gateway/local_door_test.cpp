#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <optional>
#include <vector>

#include "gateway/support/raw_carrier.hpp"
#include "gateway/support/upgrade.hpp"
#include "httvps/gateway/sessions/neighbour.hpp"

namespace httvps::testing {
namespace {

constexpr std::size_t local_header = 4;
constexpr std::size_t arriving_most = 256;
constexpr auto introduction_limit = std::chrono::seconds(5);

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
