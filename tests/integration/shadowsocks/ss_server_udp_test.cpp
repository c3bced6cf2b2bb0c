#include <gtest/gtest.h>

#include "httvps/base/random.hpp"
#include "httvps/shadowsocks/packet.hpp"
#include "support/ss_server.hpp"
#include "support/udp.hpp"

namespace httvps::shadowsocks {
namespace {

using httvps::testing::echo_datagram;
using httvps::testing::pattern;
using httvps::testing::server_password;
using httvps::testing::ss_server;
using httvps::testing::udp_arrival;
using httvps::testing::udp_origin;
using httvps::testing::udp_port;

struct answer {
  target from;
  base::byte_vector payload;
};

class blocking_packets {
 public:
  explicit blocking_packets(const ss_server& server, std::string_view password = server_password)
      : server_(server.port()),
        codec_(
            engine_,
            derive_master_key(server.method(), base::secret_bytes::from_text(password)).value()) {}

  bool send(const target& to, base::byte_view payload) {
    const auto address = encoded_target::from(to).value();
    const auto with = make_salt(codec_.method(), {}, base::secure_random()).value();
    base::byte_vector out(codec_.sealed_size(address, payload.size()));
    codec_.seal({.with = with, .to = address, .payload = payload}, out).value();
    return port_.send_to(server_, out);
  }

  std::optional<answer> receive(std::chrono::milliseconds at_most = std::chrono::seconds(10)) {
    auto arrival = port_.receive(at_most);
    if (!arrival) {
      return std::nullopt;
    }
    const auto opened = codec_.open_in_place(arrival->bytes).value();
    return answer{.from = opened.from,
                  .payload = base::byte_vector(opened.payload.begin(), opened.payload.end())};
  }

 private:
  openssl_engine engine_;
  std::uint16_t server_;
  packet_codec codec_;
  udp_port port_;
};

target loopback_target(std::uint16_t port) {
  return {.host = ipv4_bytes{127, 0, 0, 1}, .port = port};
}

class RealServerUdp : public ::testing::TestWithParam<cipher_method> {
 protected:
  ss_server server_{GetParam()};
};

TEST_P(RealServerUdp, EchoesDatagramsOfEverySize) {
  const udp_origin origin(echo_datagram);
  blocking_packets client(server_);
  for (const std::size_t size : {1U, 47U, 512U, 1252U, 1400U}) {
    ASSERT_TRUE(client.send(loopback_target(origin.port()), pattern(size)));
    const auto back = client.receive();
    ASSERT_TRUE(back) << size;
    EXPECT_EQ(back->from, loopback_target(origin.port()));
    EXPECT_EQ(back->payload, pattern(size));
  }
}

TEST_P(RealServerUdp, AnswersOfAnotherPortReachTheSameClientSocket) {
  const udp_port stranger;
  const udp_origin origin([&stranger](const udp_port&, const udp_arrival& arrival) {
    stranger.send_to(arrival.from, arrival.bytes);
  });
  blocking_packets client(server_);
  ASSERT_TRUE(client.send(loopback_target(origin.port()), pattern(30)));
  const auto back = client.receive();
  ASSERT_TRUE(back);
  EXPECT_EQ(back->from, loopback_target(stranger.port()));
}

TEST_P(RealServerUdp, ResolvesTargetsByName) {
  const udp_origin origin(echo_datagram);
  blocking_packets client(server_);
  ASSERT_TRUE(client.send({.host = std::string("localhost"), .port = origin.port()}, pattern(50)));
  const auto back = client.receive();
  ASSERT_TRUE(back);
  EXPECT_EQ(back->payload, pattern(50));
}

TEST_P(RealServerUdp, WrongKeyReachesNothing) {
  const udp_origin origin(echo_datagram);
  blocking_packets stranger(server_, "another password");
  ASSERT_TRUE(stranger.send(loopback_target(origin.port()), pattern(50)));
  blocking_packets client(server_);
  ASSERT_TRUE(client.send(loopback_target(origin.port()), pattern(51)));
  ASSERT_TRUE(client.receive());
  EXPECT_EQ(origin.received(), 1U);
}

INSTANTIATE_TEST_SUITE_P(EachCipher, RealServerUdp,
                         ::testing::ValuesIn(httvps::testing::all_methods), [](const auto& chosen) {
                           auto name = std::string(name_of(chosen.param));
                           std::erase(name, '-');
                           return name;
                         });

}
}
