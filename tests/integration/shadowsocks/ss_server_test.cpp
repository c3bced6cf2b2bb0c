#include "support/ss_server.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

#include "httvps/shadowsocks/access_key.hpp"
#include "httvps/shadowsocks/stream.hpp"
#include "httvps/shadowsocks/target.hpp"
#include "support/tcp.hpp"

namespace httvps::shadowsocks {
namespace {

using httvps::testing::connect_loopback;
using httvps::testing::pattern;
using httvps::testing::server_password;
using httvps::testing::ss_server;
using httvps::testing::tcp_origin;
using httvps::testing::tcp_socket;

constexpr std::size_t quantum = 16320;

struct client_settings {
  std::string_view password = server_password;
  base::byte_vector prefix = {};
};

cipher_key master_of(const ss_server& server, const client_settings& settings) {
  const auto password = base::secret_bytes::from_text(settings.password);
  return derive_master_key(server.method(), password).value();
}

class blocking_client {
 public:
  blocking_client(const ss_server& server, const client_settings& settings)
      : blocking_client(
            server, master_of(server, settings),
            make_salt(server.method(), settings.prefix, base::secure_random()).value()) {}

  bool open(const target& to, base::byte_view first) {
    const auto address = encoded_target::from(to).value();
    const std::array parts{address.view(), first};
    const auto size = encryptor_.seal(out_, parts).value();
    return socket_.send_all(base::byte_view(out_).first(size));
  }

  bool send(base::byte_view bytes) {
    while (!bytes.empty()) {
      const auto part = bytes.first(std::min(quantum, bytes.size()));
      const auto size = encryptor_.seal(out_, part).value();
      if (!socket_.send_all(base::byte_view(out_).first(size))) {
        return false;
      }
      bytes = bytes.subspan(part.size());
    }
    return true;
  }

  void shutdown_send() { socket_.shutdown_send(); }

  base::result<base::byte_vector> receive_until_end() { return receive(SIZE_MAX); }

  base::result<base::byte_vector> receive(std::size_t wanted) {
    base::byte_vector plain;
    base::byte_vector in(65536);
    while (plain.size() < wanted) {
      const auto count = socket_.receive(in);
      if (!count || *count == 0) {
        return plain;
      }
      HTTVPS_CHECK(open_all(base::byte_view(in).first(*count), plain));
    }
    return plain;
  }

 private:
  base::result<> open_all(base::byte_view in, base::byte_vector& plain) {
    base::byte_array<max_chunk_payload> room;
    while (!in.empty()) {
      HTTVPS_TRY(const auto done, decryptor_.open(in, room));
      base::append(plain, base::byte_view(room).first(done.produced));
      in = in.subspan(done.consumed);
    }
    return {};
  }

  blocking_client(const ss_server& server, const cipher_key& master, const salt& request)
      : socket_(connect_loopback(server.port())),
        encryptor_(stream_encryptor::start(sealing_, master, request).value()),
        decryptor_(opening_, master, request),
        out_(max_salt_size + sealed_size(max_chunk_payload)) {}

  openssl_engine sealing_;
  openssl_engine opening_;
  tcp_socket socket_;
  stream_encryptor encryptor_;
  stream_decryptor decryptor_;
  base::byte_vector out_;
};

target loopback_target(const tcp_origin& origin) {
  return {.host = ipv4_bytes{127, 0, 0, 1}, .port = origin.port()};
}

class RealServer : public ::testing::TestWithParam<cipher_method> {
 protected:
  ss_server server_{GetParam()};
};

TEST_P(RealServer, EchoesEveryByteBothWays) {
  const tcp_origin origin(httvps::testing::echo_until_end);
  blocking_client client(server_, {});
  const auto body = pattern(std::size_t{3} * 1024 * 1024 + 7);
  const base::byte_view view = body;
  ASSERT_TRUE(client.open(loopback_target(origin), view.first(1000)));
  std::thread sender([&] { EXPECT_TRUE(client.send(view.subspan(1000))); });
  const auto back = client.receive(body.size());
  sender.join();
  ASSERT_TRUE(back) << base::label_of(back.error());
  EXPECT_TRUE(*back == body);
}

TEST_P(RealServer, EndOfTheOriginReachesTheClientAfterAllBytes) {
  const auto body = pattern(200'000);
  const tcp_origin origin([&body](tcp_socket& connection) {
    base::byte_array<1> question;
    connection.receive(question);
    connection.send_all(body);
  });
  blocking_client client(server_, {});
  ASSERT_TRUE(client.open(loopback_target(origin), pattern(1)));
  EXPECT_EQ(client.receive_until_end(), body);
}

TEST_P(RealServer, EndOfTheClientReachesTheOriginAfterAllBytes) {
  std::promise<std::optional<base::byte_vector>> received;
  const tcp_origin origin([&received](tcp_socket& connection) {
    received.set_value(httvps::testing::receive_whole(connection));
  });
  blocking_client client(server_, {});
  const auto body = pattern(100'000);
  ASSERT_TRUE(client.open(loopback_target(origin), base::byte_view(body).first(1)));
  ASSERT_TRUE(client.send(base::byte_view(body).subspan(1)));
  client.shutdown_send();
  auto outcome = received.get_future();
  ASSERT_EQ(outcome.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_EQ(outcome.get(), body);
}

TEST_P(RealServer, ResolvesTargetsByName) {
  const tcp_origin origin(httvps::testing::echo_until_end);
  blocking_client client(server_, {});
  const auto body = pattern(50);
  ASSERT_TRUE(client.open({.host = std::string("localhost"), .port = origin.port()}, body));
  EXPECT_EQ(client.receive(body.size()), body);
}

TEST_P(RealServer, AcceptsSaltsThatStartWithAPrefix) {
  const tcp_origin origin(httvps::testing::echo_until_end);
  const auto body = pattern(5000);
  for (int round = 0; round < 3; ++round) {
    blocking_client client(server_, {.prefix = base::byte_vector(prefix_limit(GetParam()), 'P')});
    ASSERT_TRUE(client.open(loopback_target(origin), body));
    EXPECT_EQ(client.receive(body.size()), body);
  }
}

TEST_P(RealServer, WrongKeyReachesNothing) {
  const tcp_origin origin(httvps::testing::echo_until_end);
  blocking_client client(server_, {.password = "another password"});
  ASSERT_TRUE(client.open(loopback_target(origin), pattern(100)));
  client.shutdown_send();
  EXPECT_EQ(client.receive_until_end(), base::byte_vector());
  EXPECT_EQ(origin.accepted(), 0U);
}

INSTANTIATE_TEST_SUITE_P(EachCipher, RealServer, ::testing::ValuesIn(httvps::testing::all_methods),
                         [](const auto& chosen) {
                           auto name = std::string(name_of(chosen.param));
                           std::erase(name, '-');
                           return name;
                         });

}
}
