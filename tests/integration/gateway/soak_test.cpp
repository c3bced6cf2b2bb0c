#include <gtest/gtest.h>

#include <mutex>

#include "gateway/support/garbage_soak.hpp"
#include "gateway/support/raw_carrier.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {
namespace {

constexpr std::size_t held_most = 6000;
constexpr auto served_again_within = std::chrono::seconds(60);

struct Garbage : ::testing::Test {
  gateway_world world;
  tcp_origin origin{echo_until_end};
  std::mutex guard;
  std::vector<tcp_socket> plain_held;
  std::vector<secure_client> secure_held;

  void SetUp() override { expect_echo(make_device("dev_before")); }

  void expect_echo(const test_device& who) {
    const auto device = world.connect(who);
    ASSERT_TRUE(device->wait_until_open()) << device->failure().message();
    const auto stream = device->open(loopback_target(origin.port()), pattern(10'000));
    EXPECT_TRUE(device->wait([&] { return device->view(stream).received.size() == 10'000; },
                             served_again_within));
  }

  void soak(const std::function<void(std::uint64_t round)>& send_garbage) {
    const auto outcome = garbage_soak(world).run(send_garbage);
    RecordProperty("growth_kib", std::to_string(outcome.growth_kib()));
    RecordProperty("rounds", std::to_string(outcome.rounds));
    std::printf("[ GARBAGE  ] %llu rounds, %llu KiB growth from %llu KiB\n",
                static_cast<unsigned long long>(outcome.rounds),
                static_cast<unsigned long long>(outcome.growth_kib()),
                static_cast<unsigned long long>(outcome.start_kib));
    EXPECT_GT(outcome.rounds, 0U);
    EXPECT_LE(outcome.growth_kib(), growth_limit_kib);
    EXPECT_TRUE(world.gateway.is_running());
    plain_held.clear();
    secure_held.clear();
    expect_echo(world.device);
  }

  template <typename Held>
  void hold(std::vector<Held>& all, Held one) {
    const std::scoped_lock lock(guard);
    if (all.size() >= held_most) {
      all.erase(all.begin(), all.begin() + held_most / 4);
    }
    all.push_back(std::move(one));
  }

  tcp_socket reach() const { return connect_loopback(world.gateway.public_port()); }

  raw_carrier enter(std::uint64_t round) const {
    return raw_carrier(world.as_device(make_device("dev_" + std::to_string(round % 64))));
  }

  void send_after_hello(std::uint64_t round, const base::byte_vector& bytes) {
    auto carrier = enter(round);
    auto message = encode_hello({});
    base::append(message, bytes);
    carrier.send_message(message);
    static_cast<void>(carrier.read_until_end(std::chrono::milliseconds(200)));
  }
};

TEST_F(Garbage, RandomBytesOnThePublicPort) {
  soak([this](std::uint64_t round) {
    base::byte_vector bytes(1 + base::secure_random().below(9000));
    base::secure_random().fill(bytes);
    bytes[0] = round % 2 == 0 ? std::uint8_t{0x16} : bytes[0];
    const auto stranger = reach();
    stranger.send_all(bytes);
    stranger.shutdown_send();
    static_cast<void>(receive_until_end(stranger));
  });
}

TEST_F(Garbage, ConnectionsThatStaySilent) {
  soak([this](std::uint64_t) { hold(plain_held, reach()); });
}

TEST_F(Garbage, HandshakesLeftHalfway) {
  const base::byte_vector head = {0x16, 0x03, 0x01, 0x3f, 0xff, 0x01, 0x00, 0x3f, 0xfb, 0x03, 0x03};
  soak([&](std::uint64_t) {
    auto stranger = reach();
    auto bytes = head;
    bytes.resize(12'000, 0x55);
    stranger.send_all(bytes);
    hold(plain_held, std::move(stranger));
  });
}

TEST_F(Garbage, ConnectionsIdleAfterTheHandshake) {
  soak([this](std::uint64_t) { hold(secure_held, secure_client(world.gateway.public_port())); });
}

TEST_F(Garbage, HeadsLeftHalfway) {
  const auto head = "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(16'000, 'x');
  soak([&](std::uint64_t) {
    secure_client browser(world.gateway.public_port());
    browser.send(head);
    hold(secure_held, std::move(browser));
  });
}

TEST_F(Garbage, PlainHttpOnTheTlsPort) {
  const std::string request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  soak([&](std::uint64_t) {
    const auto browser = reach();
    browser.send_all(base::as_bytes(request));
    static_cast<void>(receive_until_end(browser));
  });
}

TEST_F(Garbage, RequestsWhoseAnswersAreNeverRead) {
  std::string requests;
  for (int i = 0; i < 400; ++i) {
    requests += "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  }
  soak([&](std::uint64_t round) {
    secure_client browser(world.gateway.public_port());
    for (int i = 0; i < 4; ++i) {
      browser.send(requests);
    }
    if (round % 4 == 0) {
      hold(secure_held, std::move(browser));
    }
  });
}

TEST_F(Garbage, OversizeHeads) {
  const auto head = "GET / HTTP/1.1\r\nHost: localhost\r\nCookie: " + std::string(40'000, 'c');
  soak([&](std::uint64_t) {
    secure_client browser(world.gateway.public_port());
    browser.send(head);
    static_cast<void>(browser.receive_until_closed());
  });
}

TEST_F(Garbage, ForgedAndReplayedKnocks) {
  const auto forged = access_knock(world.keys.forged_token_for(world.device), world.device);
  const auto expired =
      access_knock(world.keys.token_for(world.device, {.expired_for = std::chrono::hours(24 * 31)}),
                   world.device);
  const auto foreign = access_knock(world.keys.token_for(world.device), make_device("dev_first"));
  const std::array knocks{forged, expired, foreign};
  soak([&](std::uint64_t round) {
    secure_client browser(world.gateway.public_port());
    const tunnel_options options{.place = world.place(), .knock = knocks[round % knocks.size()]};
    const auto request =
        upgrade_request({.path = world.keys.path, .cookie_header = knock_cookie(browser, options)});
    for (int i = 0; i < 10; ++i) {
      browser.send(request);
      static_cast<void>(browser.receive_response());
    }
  });
}

TEST_F(Garbage, KeyUpdatesThatAskForAnswers) {
  soak([this](std::uint64_t) {
    secure_client browser(world.gateway.public_port());
    for (int i = 0; i < 3000 && browser.ask_for_key_update(); ++i) {
    }
  });
}

TEST_F(Garbage, WebSocketViolations) {
  const std::array<std::uint8_t, 6> first_bytes = {0xc2, 0x83, 0x81, 0x80, 0x09, 0x8b};
  soak([&](std::uint64_t round) {
    auto carrier = enter(round);
    const auto first = first_bytes[round % first_bytes.size()];
    carrier.send_bytes(encode_raw({.first_byte = first, .payload = pattern(200)}));
    static_cast<void>(carrier.read_until_end(std::chrono::milliseconds(500)));
  });
}

TEST_F(Garbage, CarriersThatNeverGreet) {
  std::vector<raw_carrier> held;
  soak([&](std::uint64_t round) {
    auto carrier = enter(round);
    carrier.send_message(base::byte_vector{0x01});
    const std::scoped_lock lock(guard);
    if (held.size() >= held_most) {
      held.clear();
    }
    held.push_back(std::move(carrier));
  });
}

TEST_F(Garbage, GarbageInsteadOfHello) {
  soak([this](std::uint64_t round) {
    auto carrier = enter(round);
    base::byte_vector bytes(1 + base::secure_random().below(4000));
    base::secure_random().fill(bytes);
    carrier.send_message(bytes);
    static_cast<void>(carrier.read_until_end(std::chrono::milliseconds(200)));
  });
}

TEST_F(Garbage, RandomFramesAfterHello) {
  soak([this](std::uint64_t round) {
    base::byte_vector bytes(1 + base::secure_random().below(4000));
    base::secure_random().fill(bytes);
    bytes[0] = static_cast<std::uint8_t>(round % 20);
    send_after_hello(round, bytes);
  });
}

TEST_F(Garbage, OversizeFramesAfterHello) {
  soak([this](std::uint64_t round) {
    base::byte_vector bytes = {0x06, 0x80, 0x00, 0x40, 0x01};
    bytes.resize(20'000, 0x01);
    send_after_hello(round, bytes);
  });
}

TEST_F(Garbage, DataOverTheWindow) {
  const auto payload = pattern(wire::data_payload_most);
  soak([&](std::uint64_t round) {
    send_after_hello(
        round, encode_frames([&](wire::frame_writer& writer) {
          writer.put(wire::open_frame{.stream = wire::stream_id{1},
                                      .target = loopback_target(origin.port()),
                                      .payload = {}});
          for (base::byte_count i = 0; i < 8; ++i) {
            writer.put(wire::data_frame{
                .stream = wire::stream_id{1}, .offset = i * 40'000, .payload = payload});
          }
        }));
  });
}

TEST_F(Garbage, FloodsOfPingsThatAreNeverRead) {
  const auto pings = encode_frames([](wire::frame_writer& writer) {
    for (int i = 0; i < 1500; ++i) {
      writer.put(wire::ping_frame{.opaque = {1, 2, 3, 4, 5, 6, 7, 8}});
    }
  });
  soak([&](std::uint64_t round) {
    auto carrier = enter(round);
    carrier.send_message(encode_hello({}));
    for (int i = 0; i < 200 && carrier.send_message(pings); ++i) {
    }
  });
}

TEST_F(Garbage, FloodsOfWebSocketPingsThatAreNeverRead) {
  base::byte_vector pings;
  for (int i = 0; i < 1000; ++i) {
    base::append(pings, encode_raw({.first_byte = 0x89, .payload = pattern(120)}));
  }
  soak([&](std::uint64_t round) {
    auto carrier = enter(round);
    carrier.send_message(encode_hello({}));
    for (int i = 0; i < 50 && carrier.send_bytes(pings); ++i) {
    }
  });
}

TEST_F(Garbage, FloodsOfEmptyFragments) {
  base::byte_vector fragments;
  for (int i = 0; i < 5000; ++i) {
    base::append(fragments, encode_raw({.first_byte = 0x00, .payload = {}}));
  }
  soak([&](std::uint64_t round) {
    auto carrier = enter(round);
    carrier.send_message(encode_hello({}));
    carrier.send_bytes(encode_raw({.first_byte = 0x02, .payload = {}}));
    for (int i = 0; i < 20 && carrier.send_bytes(fragments); ++i) {
    }
  });
}

TEST_F(Garbage, FloodsOfOpens) {
  std::uint64_t highest = 20'000;
  const auto opens = encode_frames([&](wire::frame_writer& writer) {
    for (std::uint64_t id = 1; id < highest && writer.room() > 64; id += 2) {
      writer.put(wire::open_frame{
          .stream = wire::stream_id{id}, .target = loopback_target(origin.port()), .payload = {}});
    }
  });
  soak([&](std::uint64_t round) {
    auto carrier = enter(round);
    carrier.send_message(encode_hello({}));
    carrier.send_message(opens);
    static_cast<void>(carrier.read_until_end(std::chrono::milliseconds(300)));
  });
}

TEST_F(Garbage, FloodsOfForbiddenOpens) {
  const auto opens = encode_frames([](wire::frame_writer& writer) {
    for (std::uint64_t id = 1; writer.room() > 64; id += 2) {
      writer.put(wire::open_frame{.stream = wire::stream_id{id},
                                  .target = wire::reserved_target{"nothing"},
                                  .payload = {}});
    }
  });
  soak([&](std::uint64_t round) {
    auto carrier = enter(round);
    carrier.send_message(encode_hello({}));
    carrier.send_message(opens);
    static_cast<void>(carrier.read_until_end(std::chrono::milliseconds(300)));
  });
}

TEST_F(Garbage, ControlRequestsLeftHalfway) {
  const auto request =
      base::as_bytes(std::string_view("POST /api/v1/devices/enrol HTTP/1.1\r\nX: "));
  soak([&](std::uint64_t round) {
    auto carrier = enter(round);
    carrier.send_message(encode_hello({}));
    carrier.send_message(encode_frames([&](wire::frame_writer& writer) {
      for (std::uint64_t id = 1; id < 80; id += 2) {
        writer.put(wire::open_frame{.stream = wire::stream_id{id},
                                    .target = wire::reserved_target{wire::control_target_name},
                                    .payload = request});
      }
    }));
    static_cast<void>(carrier.read_until_end(std::chrono::milliseconds(50)));
  });
}

TEST_F(Garbage, SessionsOpenedAndDropped) {
  soak([this](std::uint64_t round) {
    auto carrier = enter(round);
    carrier.send_message(encode_hello({}));
    carrier.client().abandon();
  });
}

}
}
