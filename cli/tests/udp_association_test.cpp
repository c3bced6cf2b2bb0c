#include <gtest/gtest.h>

#include "httvps/base/encoding.hpp"
#include "httvps/net/udp.hpp"
#include "rig.hpp"
#include "socks/socks5_datagram.hpp"
#include "socks/socks_server.hpp"
#include "socks_client.hpp"

namespace httvps::cli {
namespace {

using namespace std::chrono_literals;
using net::asio::awaitable;
using sdk::testing::pattern;
using sdk::testing::rig;
using sdk::testing::soon;
using testing::open_through;
using testing::socks_dialogue;

const std::string associate_request = {5, 3, 0, 1, 0, 0, 0, 0, 0, 0};

struct sent_datagram {
  wire::target to;
  base::byte_vector payload;
};

class echo_opener final : public sdk::datagram_opener {
 public:
  base::result<std::unique_ptr<sdk::datagram_port>> open_datagrams(
      sdk::datagram_handler& handler) override {
    ++opened;
    ++live;
    return std::make_unique<port>(*this, handler);
  }

  std::vector<sent_datagram> sent;
  std::optional<wire::target> answers_from;
  int opened = 0;
  int live = 0;

 private:
  class port final : public sdk::datagram_port {
   public:
    port(echo_opener& owner, sdk::datagram_handler& handler) : owner_(owner), handler_(handler) {}
    port(const port&) = delete;
    port& operator=(const port&) = delete;
    ~port() override { --owner_.live; }

    base::result<> send(const wire::target& to, base::byte_view payload) override {
      owner_.sent.push_back({.to = to, .payload = {payload.begin(), payload.end()}});
      handler_.on_datagram(owner_.answers_from.value_or(to), payload);
      return {};
    }

   private:
    echo_opener& owner_;
    sdk::datagram_handler& handler_;
  };
};

struct scene {
  rig& with;
  echo_opener& opener;
  socks_server& server;
};

using scene_script = awaitable<void> (*)(scene);

awaitable<void> run_scene(scene now, scene_script script) {
  co_await script(now);
  EXPECT_TRUE(co_await now.server.stop(soon()));
  EXPECT_EQ(now.opener.live, 0);
}

void play(socks_options chosen, scene_script script) {
  rig with;
  echo_opener opener;
  auto through = with.make_tunnel();
  chosen.place = {.host = "127.0.0.1", .port = 0};
  chosen.datagrams = &opener;
  auto server = socks_server::open(with.loop.get_executor(), chosen, through, {});
  ASSERT_TRUE(server);
  with.loop.run(run_scene({.with = with, .opener = opener, .server = *server}, script));
}

struct udp_client {
  socks_dialogue control;
  net::udp_socket socket;
  net::udp_place relay;

  bool send(const socks_datagram& datagram) {
    base::byte_vector space(socks_datagram_head_most + datagram.payload.size());
    return send_raw(encode_datagram(datagram, space).value());
  }
  bool send_raw(base::byte_view bytes) {
    const std::array batch{net::udp_departure{.bytes = bytes, .to = relay}};
    return socket.try_send(batch) == 1U;
  }
};

net::udp_socket new_socket(const scene& now) {
  return net::udp_socket::bind(now.with.loop.get_executor(), {.host = "127.0.0.1", .port = 0})
      .value();
}

net::task<udp_client> associate(scene now, net::udp_socket socket,
                                std::string request = associate_request) {
  HTTVPS_CO_TRY(socks_dialogue control,
                co_await open_through(now.server.local(), std::move(request)));
  const auto port = static_cast<std::uint16_t>(control.reply[8] << 8U | control.reply[9]);
  EXPECT_EQ(base::to_hex(base::byte_view(control.reply).first(8)), "050000017f000001");
  const auto relay = net::to_udp_place({.host = "127.0.0.1", .port = port}).value();
  co_return udp_client{.control = std::move(control), .socket = std::move(socket), .relay = relay};
}

net::task<sent_datagram> hear(udp_client* client) {
  base::byte_vector space(65536);
  std::array slots{net::udp_arrival{.room = space}};
  HTTVPS_CO_CHECK(co_await client->socket.wait_readable(soon()));
  HTTVPS_CO_CHECK(client->socket.try_receive(slots));
  HTTVPS_CO_TRY(const auto datagram, decode_datagram(slots[0].bytes()));
  co_return sent_datagram{.to = datagram.target,
                          .payload = {datagram.payload.begin(), datagram.payload.end()}};
}

template <typename Condition>
awaitable<bool> comes_true(Condition holds) {
  const auto limit = soon();
  while (!holds() && base::real_clock().steady_now() < limit) {
    static_cast<void>(co_await net::sleep_until(net::deadline_after(2ms)));
  }
  co_return holds();
}

wire::target resolver() {
  return wire::ipv4_target{.address = {192, 0, 2, 53}, .port = 53};
}

TEST(SocksUdp, DatagramsPassBothWaysWithEachKindOfAddress) {
  play({}, [](scene now) -> awaitable<void> {
    auto client = (co_await associate(now, new_socket(now))).value();
    const std::vector<wire::target> targets{
        resolver(), wire::ipv6_target{.address = {0x20, 1}, .port = 443},
        wire::domain_target{.name = "resolver.example", .port = 853}};
    for (const auto& target : targets) {
      const auto payload = pattern(1252, 1);
      EXPECT_TRUE(client.send({.target = target, .payload = payload}));
      const auto back = co_await hear(&client);
      EXPECT_TRUE(back && back->to == target && back->payload == payload);
    }
    EXPECT_EQ(now.opener.opened, 1);
    EXPECT_EQ(now.server.counts().datagrams_up, 3U);
    EXPECT_EQ(now.server.counts().datagrams_down, 3U);
  });
}

TEST(SocksUdp, AnswersOfAnyAddressArePassedOn) {
  play({}, [](scene now) -> awaitable<void> {
    now.opener.answers_from = wire::ipv4_target{.address = {198, 51, 100, 1}, .port = 9};
    auto client = (co_await associate(now, new_socket(now))).value();
    EXPECT_TRUE(client.send({.target = resolver(), .payload = base::as_bytes("who?")}));
    const auto back = co_await hear(&client);
    EXPECT_TRUE(back && back->to == *now.opener.answers_from);
  });
}

TEST(SocksUdp, LongestPayloadPassesAndALongerOneIsDropped) {
  play({}, [](scene now) -> awaitable<void> {
    auto client = (co_await associate(now, new_socket(now))).value();
    const auto payload = pattern(16321, 1);
    EXPECT_TRUE(client.send({.target = resolver(), .payload = payload}));
    EXPECT_TRUE(
        client.send({.target = resolver(), .payload = base::byte_view(payload).first(16320)}));
    const auto back = co_await hear(&client);
    EXPECT_TRUE(back && back->payload.size() == 16320U);
    EXPECT_EQ(now.server.counts().dropped_datagrams, 1U);
  });
}

TEST(SocksUdp, OnlyThePortThatSpokeFirstIsHeard) {
  play({}, [](scene now) -> awaitable<void> {
    auto client = (co_await associate(now, new_socket(now))).value();
    EXPECT_TRUE(client.send({.target = resolver(), .payload = base::as_bytes("mine")}));
    EXPECT_TRUE(co_await hear(&client));
    auto other = new_socket(now);
    std::swap(client.socket, other);
    EXPECT_TRUE(client.send({.target = resolver(), .payload = base::as_bytes("forged")}));
    EXPECT_TRUE(co_await comes_true([now] { return now.server.counts().dropped_datagrams == 1U; }));
    EXPECT_EQ(now.opener.sent.size(), 1U);
  });
}

TEST(SocksUdp, AnnouncedPortIsTheOnlyOneHeard) {
  play({}, [](scene now) -> awaitable<void> {
    auto announced = new_socket(now);
    const auto port = announced.local().port;
    auto request = associate_request;
    request[8] = static_cast<char>(port >> 8U);
    request[9] = static_cast<char>(port & 0xffU);
    auto client = (co_await associate(now, new_socket(now), request)).value();
    EXPECT_TRUE(client.send({.target = resolver(), .payload = base::as_bytes("forged")}));
    EXPECT_TRUE(co_await comes_true([now] { return now.server.counts().dropped_datagrams == 1U; }));
    client.socket = std::move(announced);
    EXPECT_TRUE(client.send({.target = resolver(), .payload = base::as_bytes("mine")}));
    EXPECT_TRUE(co_await hear(&client));
    EXPECT_EQ(now.opener.sent.size(), 1U);
  });
}

TEST(SocksUdp, FragmentsAndGarbageAreDroppedAndPinNothing) {
  play({}, [](scene now) -> awaitable<void> {
    auto other = (co_await associate(now, new_socket(now))).value();
    EXPECT_TRUE(other.send_raw(base::as_bytes(std::string("\0\0\1\1\1\2\3\4\0\65q", 11))));
    EXPECT_TRUE(other.send_raw(base::as_bytes("garbage")));
    EXPECT_TRUE(other.send_raw({}));
    EXPECT_TRUE(co_await comes_true([now] { return now.server.counts().dropped_datagrams == 3U; }));
    other.socket = new_socket(now);
    EXPECT_TRUE(other.send({.target = resolver(), .payload = base::as_bytes("good")}));
    EXPECT_TRUE(co_await hear(&other));
    EXPECT_EQ(now.opener.sent.size(), 1U);
  });
}

TEST(SocksUdp, AssociationEndsWithItsControlConnection) {
  play({}, [](scene now) -> awaitable<void> {
    auto client = (co_await associate(now, new_socket(now))).value();
    EXPECT_TRUE(client.send({.target = resolver(), .payload = base::as_bytes("x")}));
    EXPECT_TRUE(co_await hear(&client));
    EXPECT_EQ(now.server.counts().open_associations, 1U);
    EXPECT_EQ(now.opener.live, 1);
    client.control.stream.close_now();
    EXPECT_TRUE(co_await comes_true([now] { return now.server.counts().open_associations == 0U; }));
    EXPECT_EQ(now.opener.live, 0);
  });
}

TEST(SocksUdp, IdleFlowEndsAndTheNextDatagramOpensAnother) {
  play({.flow_idle = 50ms}, [](scene now) -> awaitable<void> {
    auto client = (co_await associate(now, new_socket(now))).value();
    for (int round = 1; round <= 2; ++round) {
      EXPECT_TRUE(client.send({.target = resolver(), .payload = base::as_bytes("x")}));
      EXPECT_TRUE(co_await hear(&client));
      EXPECT_EQ(now.opener.opened, round);
      EXPECT_TRUE(co_await comes_true([now] { return now.opener.live == 0; }));
    }
    EXPECT_EQ(now.server.counts().open_associations, 1U);
  });
}

TEST(SocksUdp, AssociationsPastTheLimitAreRefused) {
  play({.associations = 1}, [](scene now) -> awaitable<void> {
    const auto first = co_await associate(now, new_socket(now));
    EXPECT_TRUE(first);
    const auto second = co_await open_through(now.server.local(), associate_request);
    EXPECT_TRUE(second && second->reply[1] == 1);
    EXPECT_EQ(now.server.counts().refused_associations, 1U);
  });
}

awaitable<void> expect_unsupported(socks_server* server) {
  const auto dialogue = co_await open_through(server->local(), associate_request);
  EXPECT_TRUE(dialogue && dialogue->reply[1] == 7);
  EXPECT_TRUE(co_await server->stop(soon()));
}

TEST(SocksUdp, WithoutDatagramsTheCommandIsNotSupported) {
  rig with;
  auto through = with.make_tunnel();
  const socks_options chosen{.place = {.host = "127.0.0.1", .port = 0}};
  auto server = socks_server::open(with.loop.get_executor(), chosen, through, {});
  ASSERT_TRUE(server);
  with.loop.run(expect_unsupported(&*server));
}

}
}
