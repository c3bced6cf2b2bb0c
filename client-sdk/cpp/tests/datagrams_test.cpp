#include <gtest/gtest.h>

#include "httvps/sdk/errc.hpp"
#include "rig.hpp"

namespace httvps::sdk {
namespace {

using namespace std::chrono_literals;
using net::asio::awaitable;
using testing::domain;
using testing::rig;
using testing::soon;

class mailbox final : public datagram_handler {
 public:
  void on_datagram(const wire::target& from, base::byte_view payload) override {
    senders.push_back(from);
    letters.emplace_back(payload.begin(), payload.end());
  }

  std::vector<wire::target> senders;
  std::vector<std::string> letters;
};

awaitable<bool> reaches(const mailbox* box, std::size_t count) {
  const auto limit = soon();
  while (box->letters.size() < count && base::real_clock().steady_now() < limit) {
    static_cast<void>(co_await net::sleep_until(net::deadline_after(1ms)));
  }
  co_return box->letters.size() == count;
}

struct scene {
  scene() : through(with.make_tunnel()) {}

  void play(awaitable<void> (*script)(scene*)) { with.loop.run(run(this, script)); }

  static awaitable<void> run(scene* self, awaitable<void> (*script)(scene*)) {
    self->through.start();
    EXPECT_TRUE(co_await self->through.ready(soon()));
    co_await script(self);
    EXPECT_TRUE(co_await self->through.stop(soon()));
    EXPECT_TRUE(co_await self->with.gateway.stop());
  }

  rig with;
  tunnel through;
  mailbox first;
  mailbox second;
};

TEST(TunnelDatagrams, EachFlowHearsItsOwnAnswers) {
  scene now;
  now.play([](scene* at) -> awaitable<void> {
    const auto one = at->through.open_datagrams(at->first);
    const auto two = at->through.open_datagrams(at->second);
    EXPECT_TRUE((*one)->send(domain("a"), base::as_bytes("to a")));
    EXPECT_TRUE((*two)->send(domain("b"), base::as_bytes("to b")));
    EXPECT_TRUE(co_await reaches(&at->first, 1));
    EXPECT_TRUE(co_await reaches(&at->second, 1));
    EXPECT_EQ(at->first.letters[0], "to a");
    EXPECT_EQ(at->first.senders[0], domain("a"));
    EXPECT_EQ(at->second.letters[0], "to b");
    EXPECT_EQ(at->through.status().bytes_up, 8U);
    EXPECT_EQ(at->through.status().bytes_down, 8U);
  });
}

TEST(TunnelDatagrams, FlowThatEndedHearsNothing) {
  scene now;
  now.play([](scene* at) -> awaitable<void> {
    auto gone = at->through.open_datagrams(at->first);
    const auto kept = at->through.open_datagrams(at->second);
    EXPECT_TRUE((*gone)->send(domain("a"), base::as_bytes("unheard")));
    EXPECT_TRUE((*kept)->send(domain("a"), base::as_bytes("heard")));
    gone->reset();
    EXPECT_TRUE(co_await reaches(&at->second, 1));
    EXPECT_TRUE(at->first.letters.empty());
  });
}

TEST(TunnelDatagrams, FlowsGoOnAfterTheirCarrierWasCut) {
  scene now;
  now.play([](scene* at) -> awaitable<void> {
    const auto flow = at->through.open_datagrams(at->first);
    EXPECT_TRUE((*flow)->send(domain("a"), base::as_bytes("before")));
    EXPECT_TRUE(co_await reaches(&at->first, 1));
    at->with.gateway.cut_carriers();
    const auto limit = soon();
    while (at->first.letters.size() < 2 && base::real_clock().steady_now() < limit) {
      const auto sent = (*flow)->send(domain("a"), base::as_bytes("after"));
      EXPECT_TRUE(sent || sent.error() == wire::errc::carrier_lost);
      static_cast<void>(co_await net::sleep_until(net::deadline_after(5ms)));
    }
    EXPECT_EQ(at->first.letters.back(), "after");
    EXPECT_EQ(at->with.gateway.counts().sessions, 1U);
    EXPECT_GE(at->through.status().resumes, 1U);
  });
}

TEST(TunnelDatagrams, WhatCannotBeSentHasANamedError) {
  scene now;
  now.play([](scene* at) -> awaitable<void> {
    const auto flow = at->through.open_datagrams(at->first);
    const base::byte_vector most(wire::data_payload_most);
    const base::byte_vector more(wire::data_payload_most + 1);
    EXPECT_TRUE((*flow)->send(wire::ipv4_target{.address = {192, 0, 2, 1}, .port = 9}, most));
    EXPECT_TRUE(co_await reaches(&at->first, 1));
    const auto refused = (*flow)->send(domain("a"), more);
    EXPECT_TRUE(!refused && refused.error() == wire::errc::frame_too_large);
    EXPECT_TRUE(co_await at->through.stop(soon()));
    const auto late = (*flow)->send(domain("a"), {});
    EXPECT_TRUE(!late && late.error() == errc::tunnel_stopped);
  });
}

}
}
